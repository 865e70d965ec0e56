#include "results/unmet_faults.h"

#include <fmt/format.h>

#include <algorithm>

#include "faults/fault_kinds.h"
#include "results/figure_text.h"

namespace ckptbench {
namespace {

bool is_unmet(const Record& record) {
  return record.verdict->outcome == HarnessOutcome::kNotApplicable;
}

bool of_same(const UnmetFaults& group, const Record& record) {
  return label(group.strategy) == label(record.cell.strategy) &&
         label(group.workload) == label(record.cell.workload);
}

}  // namespace

std::vector<UnmetFaults> unmet_faults(const std::vector<Record>& records) {
  std::vector<UnmetFaults> groups;
  std::vector<const Record*> met;
  for (const Record& record : records) {
    if (!record.verdict || fault_class_of(record.cell.fault) == FaultClass::kNone) continue;
    if (!is_unmet(record)) {
      met.push_back(&record);
      continue;
    }
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const UnmetFaults& other) { return of_same(other, record); });
    if (group == groups.end()) {
      group = groups.insert(
          group, {record.cell.strategy, record.cell.workload, 0, record.verdict->explanation});
    }
    ++group->trials;
  }
  std::erase_if(groups, [&](const UnmetFaults& group) {
    return std::any_of(met.begin(), met.end(),
                       [&](const Record* record) { return of_same(group, *record); });
  });
  return groups;
}

std::string unmet_text(const UnmetFaults& unmet) {
  return fmt::format("{} on {}: no fault met it: {} trials are NOT-APPLICABLE: {}",
                     label(unmet.strategy), label(unmet.workload), unmet.trials, unmet.why);
}

}  // namespace ckptbench
