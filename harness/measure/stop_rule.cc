#include "harness/measure/stop_rule.h"

#include <algorithm>
#include <cmath>

namespace ckptbench {
namespace {

constexpr size_t kLeastValues = 6;
constexpr double kTail = 0.025;
// A stall close to 0 is known well enough to a hundredth of the precision in steps.
constexpr double kStepShare = 0.1;

// The largest k with P(Binomial(n, 1/2) < k) <= 2.5 %: the interval reaches from the k-th smallest
// to the k-th largest value.
size_t rank_for(size_t n) {
  double log_term = -static_cast<double>(n) * std::log(2.0);
  double below = std::exp(log_term);
  size_t rank = 0;
  while (below <= kTail && rank < n / 2) {
    ++rank;
    log_term += std::log(static_cast<double>(n - rank + 1) / static_cast<double>(rank));
    below += std::exp(log_term);
  }
  return rank;
}

double median_of(std::vector<double> sorted) {
  const size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

}  // namespace

std::optional<double> median_half_width(std::vector<double> values) {
  if (values.size() < kLeastValues) return std::nullopt;
  std::sort(values.begin(), values.end());
  const size_t rank = rank_for(values.size());
  return (values[values.size() - rank] - values[rank - 1]) / 2;
}

StopRule::StopRule(const Cell& cell, uint64_t groups, const Pilot& pilot)
    : groups_(groups),
      share_(cell.precision_pct / 100),
      near_zero_(share_ * kStepShare * static_cast<double>(pilot.step_ns)),
      budget_ns_(std::min(cell.budget_s * 1e9, blocks_budget_ns(cell, pilot))) {}

bool StopRule::precise(const std::vector<double>& stalls_ns) const {
  const auto half_width_ns = median_half_width(stalls_ns);
  if (!half_width_ns) return false;
  std::vector<double> sorted = stalls_ns;
  std::sort(sorted.begin(), sorted.end());
  return *half_width_ns <= share_ * std::abs(median_of(std::move(sorted))) ||
         *half_width_ns <= near_zero_;
}

std::string_view StopRule::reason(uint64_t groups, int64_t spent_ns,
                                  const std::vector<double>& stalls_ns) const {
  if (groups < groups_) return "";
  if (share_ <= 0) return "pairs";
  if (precise(stalls_ns)) return "precision";
  const int64_t next_ns = spent_ns / static_cast<int64_t>(std::max<uint64_t>(1, groups));
  return static_cast<double>(spent_ns + next_ns) > budget_ns_ ? "budget" : "";
}

}  // namespace ckptbench
