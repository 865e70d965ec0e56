// The heart of a measured cell: ABBA groups of blocks without and with saves, and what each block,
// pair and save is worth in samples (docs/metrics.md). Borrows the rig. The training thread.
#pragma once

#include "harness/measure/measure_plan.h"
#include "harness/measure/measure_rig.h"

namespace ckptbench {

class BlockSampler {
 public:
  static constexpr int64_t kProbesPerGroup = 2;

  // REQUIRES: rig.open() was called; plan.saves > 0.
  BlockSampler(MeasureRig& rig, const BlockPlan& plan) : rig_(rig), plan_(plan) {}

  // One group, with the probes after each of its pairs. Throws StrategyBroken, ExitError(kHarness).
  void group(MeasureProbes& probes);
  // In all groups so far.
  uint64_t requested_saves() const { return requested_saves_; }

 private:
  void align();
  BlockTimes plain_block();
  BlockTimes saving_block();
  bool skipped(uint64_t slot) const;
  uint64_t saves_in(const BlockTimes& times) const;
  void add_saves(uint64_t first, uint64_t end);
  void add_phases(double saves);
  void add_pair(const BlockTimes& plain, const BlockTimes& saving);

  MeasureRig& rig_;
  const BlockPlan& plan_;
  uint64_t requested_saves_ = 0;
};

}  // namespace ckptbench
