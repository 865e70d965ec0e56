#include "harness/cli/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/cli/terminal_style.h"
#include "harness/core/count_text.h"
#include "harness/core/observed_keys.h"
#include "harness/platform/clock.h"
#include "harness/run/work_queue.h"
#include "results/figure_text.h"
#include "results/record_end.h"
#include "results/text_table.h"

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
  const auto sweep = record.observed.find(observed::kSweep);
  if (sweep == record.observed.end()) return "";
  return fmt::format(" #{} of {}", sweep->value("point", 0), sweep->value("points", 0));
}

// The id of a cell shows all of a file's path, or only its head where that is long. Empty: the
// strategy is no file.
std::string file_and_class(const Selection& strategy) {
  const std::string shown = short_label(strategy);
  return shown == label(strategy) ? "" : fmt::format(" ({})", shown);
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
    : total_(total), out_(out), rewrites_(can_rewrite_lines(::fileno(out))), begin_ns_(now_ns()) {}

Progress::~Progress() {
  clear();
}

void Progress::record(const Record& record) {
  ++points_;
  if (record.cell.kind != CellKind::kSweep || ends_sweep(record)) ++finished_;
  if (rewrites_) return show(record.cell);
  fmt::print(out_, "[{}/{}] {}{}{} {}\n", finished_, total_, record.cell.id,
             file_and_class(record.cell.strategy), point_number(record), outcome_once(record));
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

// As much as there is room for. A name without its parameters ends with "…"; of one that is too
// long the end stays, which has the class.
std::string Progress::line_of(const Cell& cell, size_t width) const {
  const double spent = static_cast<double>(now_ns() - begin_ns_) * 1e-9;
  const double left = finished_ == 0 ? 0
                                     : spent / static_cast<double>(finished_) *
                                           static_cast<double>(total_ - finished_);
  const std::string strategy = short_label(cell.strategy);
  const std::string cells = fmt::format("{}/{} cells", finished_, total_);
  const std::string left_text = fmt::format("about {} left: ", duration(left));
  const std::string what =
      fmt::format("{} of {} on {}", cell_kind_name(cell.kind), strategy, label(cell.workload));
  const std::string short_head = fmt::format("{}, {}", cells, left_text);
  const std::string name =
      cell.strategy.params.empty() ? strategy : short_label({cell.strategy.name, {}}) + " …";
  for (const std::string& line :
       {fmt::format("{}, {}, {} so far, {}{}", cells, count_text(points_, "record"),
                    duration(spent), left_text, what),
        short_head + what, short_head + strategy, short_head + name}) {
    if (display_width(line) <= width) return cut_to_width(line, width);
  }
  const size_t room = width - std::min(width, display_width(short_head));
  return cut_to_width(short_head + cut_front_to_width(name, room), width);
}

void Progress::show(const Cell& cell) {
  // A character in the last column moves the cursor to the next line on some terminals.
  const size_t width = style_of(::fileno(out_)).width - 1;
  clear();
  fmt::print(out_, "{}", line_of(cell, width));
  std::fflush(out_);
}

void Progress::clear() {
  if (rewrites_) fmt::print(out_, "\r\x1b[K");
}

void Progress::print_line(const std::string& line) {
  clear();
  fmt::print(out_, "{}\n", line);
  std::fflush(out_);
}

}  // namespace ckptbench
