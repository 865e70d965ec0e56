#include "harness/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include "harness/platform/clock.h"
#include "harness/run/work_queue.h"
#include "results/record_end.h"

namespace ckptbench {
namespace {

std::string duration(double seconds) {
  const auto whole = static_cast<int64_t>(seconds);
  return whole < 60 ? fmt::format("{} s", whole)
                    : fmt::format("{} min {} s", whole / 60, whole % 60);
}

// What is said of a record that did not end well. Empty: it did.
std::string_view end_words(const Record& record) {
  switch (record_end(record)) {
    case RecordEnd::kNotAllowed:
      return "not allowed";
    case RecordEnd::kInconclusive:
      return "inconclusive";
    case RecordEnd::kFine:
      break;
  }
  return "";
}

std::string result_words(const Record& record) {
  return record.verdict ? short_text(*record.verdict) : "measured";
}

std::string point_number(const Record& record) {
  const auto sweep = record.observed.find("sweep");
  if (sweep == record.observed.end()) return "";
  return fmt::format(" #{} of {}", sweep->value("point", 0), sweep->value("points", 0));
}

}  // namespace

std::string outcome_text(const Record& record) {
  if (!record.error.empty()) return "error: " + record.error;
  const std::string_view end = end_words(record);
  if (end.empty()) return result_words(record);
  return fmt::format("{} ({}: {})", result_words(record), end,
                     record.verdict ? record.verdict->explanation : measured_failure_text(record));
}

Progress::Progress(uint64_t total, std::FILE* out)
    : total_(total), out_(out), terminal_(::isatty(::fileno(out)) == 1), begin_ns_(now_ns()) {}

Progress::~Progress() {
  clear();
}

void Progress::record(const Record& record) {
  ++points_;
  if (record.cell.kind != CellKind::kSweep || ends_sweep(record)) ++finished_;
  if (terminal_) return show(record.cell.id);
  const std::string point = point_number(record);
  fmt::print(out_, "[{}/{}] {}{} {}\n", finished_, total_, record.cell.id, point,
             outcome_once(record));
  std::fflush(out_);
}

std::string Progress::outcome_once(const Record& record) {
  std::string text = outcome_text(record);
  const auto [first, added] = first_with_.try_emplace(text, record.cell.id);
  const std::string& id = first->second;
  if (added || id == record.cell.id) return text;
  if (!record.error.empty()) return fmt::format("error, as {}", id);
  const std::string_view end = end_words(record);
  return end.empty() ? text : fmt::format("{} ({}, as {})", result_words(record), end, id);
}

void Progress::show(const std::string& id) {
  const double spent = static_cast<double>(now_ns() - begin_ns_) * 1e-9;
  const double left = finished_ == 0 ? 0
                                     : spent / static_cast<double>(finished_) *
                                           static_cast<double>(total_ - finished_);
  clear();
  fmt::print(out_, "{}/{} cells, {} records, {} so far, about {} left: {:.60}", finished_, total_,
             points_, duration(spent), duration(left), id);
  std::fflush(out_);
}

void Progress::clear() {
  if (terminal_) fmt::print(out_, "\r\x1b[K");
}

void Progress::say(const std::string& line) {
  clear();
  fmt::print(out_, "{}\n", line);
  std::fflush(out_);
}

}  // namespace ckptbench
