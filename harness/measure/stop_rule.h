// When the windows of a measured cell are repeated no more: their number was asked for, the
// interval of the stall is narrow enough, or their time is spent. Owned by the measurement; one
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/core/cell.h"
#include "harness/measure/measure_plan.h"

namespace ckptbench {

// Half the width of the distribution-free 95 % interval of the median: order statistics, with ranks
// from the binomial distribution. Nothing below 6 values, where there is no such interval.
std::optional<double> median_half_width(std::vector<double> values);

class StopRule {
 public:
  // `groups`: at least so many, whatever they cost. More of them end with the cell's budget, or
  // where the rest of the cell would pass its deadline.
  StopRule(const Cell& cell, uint64_t groups, const Pilot& pilot);

  // After each group: `groups` so far, that took `spent_ns` in all. Empty: another one. Otherwise
  // "pairs" (no precision was asked for), "precision", or "budget". The group after a narrow
  // interval is taken whatever comes of it: samples that lay close by chance would else be the ones
  // that are believed (stop_rule_simulation_test.cc).
  std::string_view reason(uint64_t groups, int64_t spent_ns, const std::vector<double>& stalls_ns);

 private:
  bool precise(const std::vector<double>& stalls_ns) const;

  const uint64_t groups_;
  const double
      share_;  // of the stall, that the half-width should not pass; 0: no precision asked for
  const double near_zero_;  // ns, that the half-width of a stall close to 0 should not pass
  const double budget_ns_;
  bool was_narrow_ = false;  // after an earlier group
};

}  // namespace ckptbench
