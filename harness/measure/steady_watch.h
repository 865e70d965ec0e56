// Whether the steps of a cell have become steady before its first group: what ran on the machine
// before (other rows, trials) leaves dirty pages, discards of deleted files and cold caches behind,
// and what is measured first would pay for them. Blocks of plain steps, until two that follow each
// other take as long, or a small share of the cell's budget is spent. Owned by the measurement;
// plain arithmetic, one thread.
#pragma once

#include <cstdint>

namespace ckptbench {

class SteadyWatch {
 public:
  static constexpr double kBudgetShare = 0.03;
  static constexpr double kAlike = 0.05;  // of the longer block, that the other is shorter at most

  // `budget_ns`: of the whole cell. `step_ns`: about what a step takes.
  SteadyWatch(double budget_ns, int64_t step_ns);

  // Steps of the next block; 0: no more, since they are steady, or since that might take longer
  // than the budget's share.
  uint64_t next_block() const;
  // The block that next_block() asked for took so long.
  void add(int64_t block_ns);

  uint64_t steps() const { return steps_; }  // so far
  bool steady() const { return steady_; }

 private:
  const double limit_ns_;
  const uint64_t block_;  // steps
  double expected_ns_;    // of the next block
  double spent_ns_ = 0;
  uint64_t steps_ = 0;
  bool steady_ = false;
};

}  // namespace ckptbench
