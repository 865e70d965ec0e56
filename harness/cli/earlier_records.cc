#include "harness/cli/earlier_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <set>

#include "harness/core/count_text.h"
#include "harness/core/observed_keys.h"
#include "results/record_end.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

constexpr size_t kNamedDifferences = 20;  // the others are counted

template <class Matches>
const Record* last_of(const std::vector<Record>& records, const Matches& matches) {
  const Record* found = nullptr;
  for (const Record& record : records) {
    if (matches(record)) found = &record;
  }
  return found;
}

// "LOST-ACK (not allowed)": the end of a trial without its reason.
std::string end_text(const Record& record) {
  std::string text = record.verdict ? short_text(*record.verdict) : "measured";
  if (!record.error.empty()) text = "could not be run";
  if (is_strategys_failure(record)) text = "the strategy failed";
  if (record_end(record) == RecordEnd::kNotAllowed) text += " (not allowed)";
  return text;
}

}  // namespace

std::string replay_id(const Record& record) {
  const auto sweep = record.observed.find(observed::kSweep);
  const bool point = record.cell.kind == CellKind::kSweep && sweep != record.observed.end();
  return point ? fmt::format("{}.{}", record.cell.id, sweep->value("point", uint64_t{0}))
               : record.cell.id;
}

const Record* record_named(const std::vector<Record>& records, const std::string& id) {
  return last_of(records, [&](const Record& record) {
    return record.cell.id == id || replay_id(record) == id;
  });
}

const Record* record_of_cell(const std::vector<Record>& records, const Cell& cell) {
  const bool sweep = cell.kind == CellKind::kSweep;
  return last_of(records, [&](const Record& record) {
    return record.cell.id == cell.id && (!sweep || record.cell.fault == cell.fault);
  });
}

std::string compared_text(const Record& recorded, const Record& now) {
  const std::string before = end_text(recorded);
  const std::string after = end_text(now);
  return before == after ? "as recorded: " + before
                         : fmt::format("recorded: {}, now: {}", before, after);
}

std::vector<std::string> comparison_lines(const std::vector<Record>& recorded,
                                          const std::string& folder,
                                          const std::vector<Record>& now) {
  size_t verdicts = 0;
  std::vector<std::string> differences;
  for (const Record& record : now) {
    if (!record.verdict) continue;
    ++verdicts;
    const Record* before = record_of_cell(recorded, record.cell);
    if (before != nullptr && end_text(*before) == end_text(record)) continue;
    const std::string text = before == nullptr ? "not recorded, now: " + end_text(record)
                                               : compared_text(*before, record);
    differences.push_back(fmt::format("{}: {}", replay_id(record), text));
  }
  if (verdicts == 0) return {};
  std::vector<std::string> lines{fmt::format("{} of {} as recorded in {}",
                                             verdicts - differences.size(),
                                             count_text(verdicts, "verdict"), folder)};
  for (size_t i = 0; i < std::min(kNamedDifferences, differences.size()); ++i) {
    lines.push_back("  " + differences[i]);
  }
  if (differences.size() > kNamedDifferences) {
    lines.push_back(fmt::format("  and {} more", differences.size() - kNamedDifferences));
  }
  return lines;
}

std::vector<std::string> kept_folders(const std::vector<Record>& records,
                                      const std::string& cells) {
  std::set<fs::path> named;
  for (const Record& record : records) {
    for (const char* key : {"folder", "baseline_folder"}) {
      named.insert(fs::path(record.observed.value(key, "")).filename());
    }
  }
  std::vector<std::string> folders;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(cells, none)) {
    if (named.contains(entry.path().filename())) folders.push_back(entry.path().string());
  }
  return folders;
}

}  // namespace ckptbench
