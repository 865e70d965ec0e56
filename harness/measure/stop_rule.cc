#include "harness/measure/stop_rule.h"

#include <algorithm>
#include <cmath>

#include "harness/core/observed_keys.h"
#include "harness/core/order_statistics.h"

namespace ckptbench {
namespace {

// A stall close to 0 is known well enough where the half-width is at most a tenth of the precision,
// as a share of a step.
constexpr double kStepShare = 0.1;

}  // namespace

std::optional<double> median_half_width(std::vector<double> values) {
  if (values.size() < kFewestForInterval) return std::nullopt;
  std::sort(values.begin(), values.end());
  const size_t outside = median_range(values.size()).outside;
  return (values[values.size() - 1 - outside] - values[outside]) / 2;
}

StopRule::StopRule(const Cell& cell, uint64_t groups, const Pilot& pilot)
    : groups_(groups),
      share_(cell.precision_pct / 100),
      near_zero_(share_ * kStepShare * static_cast<double>(pilot.step_ns)),
      budget_ns_(row_budget_ns(cell, pilot)) {}

bool StopRule::precise(const std::vector<double>& stalls_ns) const {
  const auto half_width_ns = median_half_width(stalls_ns);
  if (!half_width_ns) return false;
  std::vector<double> sorted = stalls_ns;
  std::sort(sorted.begin(), sorted.end());
  return *half_width_ns <= share_ * std::abs(quantile_of_sorted(sorted, 0.5)) ||
         *half_width_ns <= near_zero_;
}

std::string_view StopRule::reason(uint64_t groups, int64_t spent_ns,
                                  const std::vector<double>& stalls_ns) {
  if (groups < groups_) return "";
  if (share_ <= 0) return "pairs";
  if (was_narrow_) return "precision";
  was_narrow_ = precise(stalls_ns);
  const int64_t next_ns = spent_ns / static_cast<int64_t>(std::max<uint64_t>(1, groups));
  return static_cast<double>(spent_ns + next_ns) > budget_ns_ ? observed::kByBudget : "";
}

}  // namespace ckptbench
