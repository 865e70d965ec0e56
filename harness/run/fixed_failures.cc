#include "harness/run/fixed_failures.h"

#include <algorithm>

#include "harness/judge/allowed.h"

namespace ckptbench {
namespace {

// A trial that came to a data verdict; what never met its fault tried nothing.
bool tries(const Record& record, const KnownFailure& known) {
  return record.verdict && record.verdict->data && !record.verdict->outcome &&
         record.cell.strategy.name == known.strategy &&
         fault_class_name(fault_class_of(record.cell.fault)) == known.fault;
}

bool shows(const Verdict& verdict, const KnownFailure& known) {
  if (verdict_name(*verdict.data) == known.verdict) return true;
  return std::any_of(verdict.findings.begin(), verdict.findings.end(),
                     [&](Finding finding) { return finding_name(finding) == known.verdict; });
}

}  // namespace

std::vector<FixedFailure> fixed_failures(const std::vector<Record>& records,
                                         const std::vector<KnownFailure>& known) {
  std::vector<FixedFailure> fixed;
  for (const KnownFailure& row : known) {
    uint64_t trials = 0;
    bool seen = false;
    for (const Record& record : records) {
      if (!tries(record, row)) continue;
      ++trials;
      seen = seen || shows(*record.verdict, row);
    }
    if (!seen && trials >= row.tried) fixed.push_back({row, trials});
  }
  return fixed;
}

}  // namespace ckptbench
