#include "results/failure_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "results/figure_text.h"
#include "results/record_end.h"

namespace ckptbench {
namespace {

const ResultRow* row_of(const ResultRows& results, const Cell& cell) {
  const std::string wanted = label(cell.strategy);
  const auto found =
      std::find_if(results.rows.begin(), results.rows.end(),
                   [&](const ResultRow& row) { return label(row.strategy) == wanted; });
  return found == results.rows.end() ? nullptr : &*found;
}

bool is_notable(const Record& record) {
  VerdictTally alone;
  alone.add(record);
  const Severity value = severity(alone);
  return !record.verdict->findings.empty() ||
         (value != Severity::kExact && value != Severity::kRolled && value != Severity::kUnknown);
}

// Two trials fail in the same way: the numbers in the verdict and its explanation may differ.
bool same_failure(const Record& a, const Record& b) {
  return label(a.cell.strategy) == label(b.cell.strategy) && a.allowed == b.allowed &&
         a.verdict->data == b.verdict->data && a.verdict->outcome == b.verdict->outcome &&
         a.verdict->findings == b.verdict->findings && a.verdict->component == b.verdict->component;
}

}  // namespace

std::vector<FailureGroup> failure_groups(const std::vector<Record>& records,
                                         const ResultRows& results, bool all) {
  std::vector<FailureGroup> groups;
  for (const Record& record : records) {
    if (!record.verdict) continue;
    const bool shown = all && !is_broken(results, record.cell) && is_notable(record);
    if (record_end(record) == RecordEnd::kFine && !shown) continue;
    auto group = std::find_if(groups.begin(), groups.end(), [&](const FailureGroup& other) {
      return same_failure(*other.first, record);
    });
    if (group == groups.end()) {
      group = groups.insert(group, {&record, short_text(*record.verdict), 0});
    }
    ++group->count;
  }
  return groups;
}

std::string strategy_name(const ResultRows& results, const Cell& cell) {
  const ResultRow* row = row_of(results, cell);
  return row == nullptr ? short_label(cell.strategy) : row->name;
}

bool is_broken(const ResultRows& results, const Cell& cell) {
  const ResultRow* row = row_of(results, cell);
  return row != nullptr && row->broken();
}

std::vector<std::string> measured_failure_notes(const ResultRows& results) {
  std::vector<std::string> notes;
  for (const ResultRow& row : results.rows) {
    for (const CellFailure& failure : row.failures) {
      notes.push_back(fmt::format("not allowed: {} ({}): {}", failure.cell, row.name, failure.why));
    }
    const std::string place = fmt::format("{} on {}: ", row.name, label(row.workload));
    if (const double failed = row.metric("failed_saves").value; failed > 0) {
      const std::string reason = row.first_failure();
      notes.push_back(fmt::format("{}{} saves failed{}{}", place, failed,
                                  reason.empty() ? "" : "; the first: ", reason));
    }
    const std::string retention = row.retention_failure();
    if (!retention.empty())
      notes.push_back(place + "old checkpoints were not deleted: " + retention);
  }
  return notes;
}

std::string failure_text(const FailureGroup& failure, const ResultRows& results) {
  const std::string times =
      failure.count == 1 ? "" : fmt::format("{} times, first in ", failure.count);
  return fmt::format("{}{} ({}): {}: {}", times, failure.first->cell.id,
                     strategy_name(results, failure.first->cell), failure.verdict,
                     failure.first->verdict->explanation);
}

}  // namespace ckptbench
