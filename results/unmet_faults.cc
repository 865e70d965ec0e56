#include "results/unmet_faults.h"

#include <fmt/format.h>

#include <algorithm>

#include "faults/fault_kinds.h"
#include "harness/core/count_text.h"
#include "results/figure_text.h"

namespace ckptbench {
namespace {

bool at_file_operations(const Record& record) {
  const FaultKind* kind = fault_kinds().find(record.cell.fault.kind);
  return kind != nullptr && kind->at_file_operations;
}

bool is_unmet(const Record& record) {
  return record.verdict->outcome == HarnessOutcome::kNotApplicable;
}

bool of_same(const UnmetFaults& group, const Record& record) {
  return label(group.strategy) == label(record.cell.strategy) &&
         label(group.workload) == label(record.cell.workload);
}

bool of_same(const UnmetFaults& a, const UnmetFaults& b) {
  return label(a.strategy) == label(b.strategy) && label(a.workload) == label(b.workload);
}

// Every trial of the group is NOT-APPLICABLE.
std::vector<UnmetFaults> unmet_groups(const std::vector<const Record*>& trials) {
  std::vector<UnmetFaults> groups;
  for (const Record* record : trials) {
    if (!is_unmet(*record)) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const UnmetFaults& other) { return of_same(other, *record); });
    if (group == groups.end()) {
      group = groups.insert(
          group, {record->cell.strategy, record->cell.workload, 0, record->verdict->explanation});
    }
    ++group->trials;
  }
  std::erase_if(groups, [&](const UnmetFaults& group) {
    return std::any_of(trials.begin(), trials.end(), [&](const Record* record) {
      return !is_unmet(*record) && of_same(group, *record);
    });
  });
  return groups;
}

}  // namespace

std::vector<UnmetFaults> unmet_faults(const std::vector<Record>& records) {
  std::vector<const Record*> trials;
  for (const Record& record : records) {
    const bool faulty = fault_class_of(record.cell.fault) != FaultClass::kNone;
    if (record.verdict && faulty) trials.push_back(&record);
  }
  std::vector<UnmetFaults> groups = unmet_groups(trials);
  std::erase_if(trials, [](const Record* record) { return !at_file_operations(*record); });
  for (UnmetFaults& group : unmet_groups(trials)) {
    const bool known = std::any_of(groups.begin(), groups.end(),
                                   [&](const UnmetFaults& other) { return of_same(other, group); });
    group.file_operations = true;
    if (!known) groups.push_back(std::move(group));
  }
  return groups;
}

std::string unmet_text(const UnmetFaults& unmet) {
  if (unmet.file_operations) {
    return fmt::format(
        "{} on {}: no file operation below its directory was met: {} tried nothing ({}); a "
        "strategy that keeps its checkpoints elsewhere needs a suite with moments only",
        label(unmet.strategy), label(unmet.workload), count_text(unmet.trials, "trial"), unmet.why);
  }
  return fmt::format("{} on {}: no fault met it: {} trials are NOT-APPLICABLE: {}",
                     label(unmet.strategy), label(unmet.workload), unmet.trials, unmet.why);
}

}  // namespace ckptbench
