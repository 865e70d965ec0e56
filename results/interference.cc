#include "results/interference.h"

#include <cmath>
#include <utility>
#include <vector>

#include "results/process_spread.h"

namespace ckptbench {
namespace {

// Beyond these shares of the stall and of a step, interference needs a cause.
constexpr double kShareOfStall = 0.10;
constexpr double kShareOfStep = 0.05;

// The lesser of the two shares; a stall that is not above 0 has none.
double least_share_ns(const ResultRow& row) {
  const double stall = row.metric("stall_ns").value;
  const double of_step = kShareOfStep * row.metric("step_ns").value;
  if (!(stall > 0)) return of_step;
  return std::fmin(kShareOfStall * stall, of_step);
}

bool is_large(const ResultRow& row) {
  return row.metric("interference_ns").value > least_share_ns(row);
}

InterferenceKind kind_without_floor(const ResultRow& row) {
  const Estimate seen = row.metric("interference_ns");
  const bool large = seen.has_interval() && seen.low > 0 && is_large(row);
  return large ? InterferenceKind::kLargeAlone : InterferenceKind::kSmallAlone;
}

// Interference minus its floor.
Estimate excess_of(const SampleMap& samples) {
  const auto seen = samples.find("interference_ns");
  const auto floor = samples.find("interference_floor_ns");
  if (seen == samples.end() || floor == samples.end()) return estimate_median({});
  return estimate_difference(seen->second, floor->second);
}

Estimate excess_of(const ResultRow& row) {
  std::vector<double> medians;
  for (const SampleMap& process : row.processes) medians.push_back(excess_of(process).value);
  return across_processes(excess_of(row.samples), std::move(medians));
}

InterferenceKind kind_of(const Estimate& excess, double share_ns) {
  if (!excess.has_interval()) return InterferenceKind::kUndetermined;
  if (excess.low > 0) {
    return excess.value > share_ns ? InterferenceKind::kAbove : InterferenceKind::kLittleAbove;
  }
  if (excess.high < 0) return InterferenceKind::kBelow;
  return excess.high - excess.low < share_ns ? InterferenceKind::kAsFloor
                                             : InterferenceKind::kUndetermined;
}

}  // namespace

Interference interference_of(const ResultRow& row) {
  if (!row.metric("interference_ns").known()) return {};
  if (!row.metric("interference_floor_ns").known())
    return {kind_without_floor(row), {}, is_large(row)};
  const Estimate excess = excess_of(row);
  return {kind_of(excess, least_share_ns(row)), excess, is_large(row)};
}

}  // namespace ckptbench
