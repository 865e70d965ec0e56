#include "harness/measure/steady_watch.h"

#include <algorithm>
#include <utility>

namespace ckptbench {
namespace {

constexpr double kBlocks = 10;  // in the budget's share, where steps are short enough
// Of steps of microseconds, so that what notes them down stays small.
constexpr uint64_t kMostBlockSteps = 1000;

uint64_t block_steps(double limit_ns, int64_t step_ns) {
  const double fitting = limit_ns / kBlocks / static_cast<double>(std::max<int64_t>(1, step_ns));
  return static_cast<uint64_t>(std::clamp(fitting, 1.0, static_cast<double>(kMostBlockSteps)));
}

}  // namespace

SteadyWatch::SteadyWatch(double budget_ns, int64_t step_ns)
    : limit_ns_(kBudgetShare * budget_ns),
      block_(block_steps(limit_ns_, step_ns)),
      expected_ns_(static_cast<double>(block_) * static_cast<double>(step_ns)) {}

uint64_t SteadyWatch::next_block() const {
  // One block alone says nothing.
  const double blocks = steps_ == 0 ? 2 : 1;
  return steady_ || spent_ns_ + blocks * expected_ns_ > limit_ns_ ? 0 : block_;
}

void SteadyWatch::add(int64_t block_ns) {
  const double before_ns = std::exchange(expected_ns_, static_cast<double>(block_ns));
  const auto [shorter_ns, longer_ns] = std::minmax(before_ns, expected_ns_);
  steady_ = steps_ > 0 && longer_ns - shorter_ns <= kAlike * longer_ns;
  spent_ns_ += expected_ns_;
  steps_ += block_;
}

}  // namespace ckptbench
