#include "results/interference.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "results/least_shares.h"
#include "results/process_spread.h"

namespace ckptbench {
namespace {

// The lesser of the two shares; a stall that is not above 0 has none.
double least_share_ns(const ResultRow& row) {
  const double stall = row.metric("stall_ns").value;
  const double of_step = kLeastOfStep * row.metric("step_ns").value;
  if (!(stall > 0)) return of_step;
  return std::fmin(kLeastOfStall * stall, of_step);
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
Estimate whole_excess(const SampleMap& samples) {
  const auto seen = samples.find("interference_ns");
  const auto floor = samples.find("interference_floor_ns");
  if (seen == samples.end() || floor == samples.end()) return estimate_median({});
  return estimate_difference(seen->second, floor->second);
}

// The busy steps of the windows with saves, without their gate, minus those of the windows with
// plain writes. Unknown where not every pair has both: the samples would be of different pairs.
Estimate excess_within_windows(const SampleMap& samples) {
  const auto seen = samples.find("after_save_ns");
  const auto floor = samples.find("after_floor_ns");
  const auto gate = samples.find("gate_ns");
  if (seen == samples.end() || floor == samples.end()) return estimate_median({});
  const size_t pairs = seen->second.size();
  const bool gated = gate != samples.end();
  if (floor->second.size() != pairs || (gated && gate->second.size() != pairs))
    return estimate_median({});
  std::vector<double> excess;
  for (size_t i = 0; i < pairs; ++i) {
    excess.push_back(seen->second[i] - floor->second[i] - (gated ? gate->second[i] : 0));
  }
  return estimate_median(excess);
}

Estimate of_processes(const ResultRow& row, Estimate (*excess)(const SampleMap&)) {
  std::vector<double> medians;
  for (const SampleMap& process : row.processes) medians.push_back(excess(process).value);
  return across_processes(excess(row.samples), std::move(medians));
}

bool every_window_has_both(const ResultRow& row) {
  return std::all_of(row.processes.begin(), row.processes.end(), [](const SampleMap& process) {
    return excess_within_windows(process).known();
  });
}

InterferenceKind kind_of(const Estimate& excess, double share_ns) {
  if (!excess.has_interval()) return InterferenceKind::kUndetermined;
  if (excess.low > 0) {
    return excess.value > share_ns ? InterferenceKind::kAbove : InterferenceKind::kLittleAbove;
  }
  if (excess.high < 0) return InterferenceKind::kBelow;
  return excess.high < share_ns ? InterferenceKind::kAsFloor : InterferenceKind::kUndetermined;
}

}  // namespace

Interference interference_of(const ResultRow& row) {
  if (!row.metric("interference_ns").known()) return {};
  if (!row.metric("interference_floor_ns").known())
    return {kind_without_floor(row), {}, is_large(row)};
  const double share_ns = least_share_ns(row);
  const Estimate excess = of_processes(row, whole_excess);
  const Interference whole{kind_of(excess, share_ns), excess, is_large(row)};
  if (whole.kind != InterferenceKind::kUndetermined || !every_window_has_both(row)) return whole;
  const Estimate within = of_processes(row, excess_within_windows);
  const InterferenceKind kind = kind_of(within, share_ns);
  if (kind == InterferenceKind::kUndetermined) return whole;
  return {kind, within, whole.large, true};
}

}  // namespace ckptbench
