// The heart of a measured cell: ABBA groups of blocks without and with saves, each with a block of
// plain writes beside it, and what each block, pair and save is worth in samples (docs/metrics.md).
// Borrows the rig. The training thread.
#pragma once

#include <optional>

#include "harness/measure/load_watch.h"
#include "harness/measure/measure_plan.h"
#include "harness/measure/measure_rig.h"

namespace ckptbench {

// The first step after each save of a block minus the steps after those, both as means: what
// differs from block to block is not in it, nor what a save does to more than one step. Nothing:
// the block has no save that two steps follow.
std::optional<double> after_save_ns(const BlockTimes& saving);

class BlockSampler {
 public:
  static constexpr int64_t kProbesPerGroup = 2;
  // Steps after a save that have samples of their own; later ones count in the interference only.
  static constexpr uint64_t kMaxLag = 32;

  // REQUIRES: rig.open() was called; plan.saves > 0.
  BlockSampler(MeasureRig& rig, const BlockPlan& plan);

  // One group, with the probes after each of its pairs. `writer`: nullptr where a save writes
  // nothing. Throws StrategyBroken, ExitError(kHarness).
  void group(MeasureProbes& probes, PlainWriter* writer);
  // What others used of the machine while the blocks ran.
  const LoadWatch& load() const { return load_; }
  // In all groups so far.
  uint64_t requested_saves() const { return requested_saves_; }

 private:
  struct Pair {
    BlockTimes plain;
    BlockTimes saving;
    BlockTimes written;  // empty without a writer
  };
  void align();
  BlockTimes run_block(AtSaves at_saves, PlainWriter* writer = nullptr);
  BlockTimes plain_block();
  BlockTimes saving_block();
  BlockTimes written_block(PlainWriter* writer);
  bool skipped(uint64_t slot) const;
  uint64_t saves_in(const BlockTimes& times) const;
  void add_saves(const BlockTimes& times);
  void add_phases(double saves);
  void add_pair(const Pair& pair);
  void add_lags(const BlockTimes& plain, const BlockTimes& saving);

  MeasureRig& rig_;
  const BlockPlan& plan_;
  LoadWatch load_;
  uint64_t requested_saves_ = 0;
};

}  // namespace ckptbench
