// Runs one block of steps, with or without saves, and takes its times: the hot path of a measured
// cell. No digests, no journal, no memory beyond what the strategy itself asks for. Borrows
// everything; the training thread.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/record.h"
#include "harness/platform/device.h"
#include "harness/train/saver.h"
#include "harness/train/trainer.h"

namespace ckptbench {

// Forwards the announcement of an update and sums the time that the strategy holds it.
class TimedHook : public UpdateHook {
 public:
  explicit TimedHook(Strategy& strategy) : hook_(strategy) {}
  void before_update(std::span<const TensorView> tensors,
                     std::span<const TensorView> gradients) override;
  int64_t gate_ns() const { return gate_ns_; }

 private:
  StrategyHook hook_;
  int64_t gate_ns_ = 0;
};

struct BlockTimes {
  int64_t wall_ns = 0;      // begin of the first step to end of the last, saves included
  int64_t tail_ns = 0;      // from there until every save is decided
  int64_t gate_ns = 0;      // held in before_update
  int64_t block_ns = 0;     // held in Strategy::save
  uint64_t first_slot = 0;  // of the save log: [first_slot, end_slot)
  uint64_t end_slot = 0;
};

class BlockRunner {
 public:
  BlockRunner(RunState& state, Trainer& trainer, TimedHook& hook, Saver& saver, const SaveLog& log,
              Device& device, Deadline patience)
      : state_(state),
        trainer_(trainer),
        hook_(hook),
        saver_(saver),
        log_(log),
        device_(device),
        patience_(patience) {}

  // Throws StrategyBroken; ExitError(kHarness) when a save stays undecided.
  BlockTimes run(uint64_t steps, bool with_saves);
  // One step; saves when the policy says so and `with_saves`.
  void step(bool with_saves);
  // A save of the state as it is, whatever the policy says.
  void save_now();
  void settle();

  // The loss of every step so far, in order.
  const std::vector<double>& losses() const { return losses_; }
  void reserve(uint64_t steps) { losses_.reserve(losses_.size() + steps); }

 private:
  RunState& state_;
  Trainer& trainer_;
  TimedHook& hook_;
  Saver& saver_;
  const SaveLog& log_;
  Device& device_;
  Deadline patience_;
  std::vector<double> losses_;
};

}  // namespace ckptbench
