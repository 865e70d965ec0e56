// One update after another, with the policy's decision after each: the loop body that references,
// trained runs, recoveries and measured windows share. Borrows state and policy; the training
// thread.
#pragma once

#include <cstdint>

#include "harness/train/policy.h"
#include "harness/train/run_state.h"
#include "strategies/api/strategy.h"

namespace ckptbench {

// Hands the workload's announcement on to the strategy. Throws StrategyBroken.
class StrategyHook : public UpdateHook {
 public:
  explicit StrategyHook(Strategy& strategy) : strategy_(strategy) {}
  void before_update(std::span<const TensorView> tensors,
                     std::span<const TensorView> gradients) override;

 private:
  Strategy& strategy_;
};

// Whether a policy's manual file and SIGTERM are looked for at the end of a step.
enum class Listens { kNo, kYes };

class Trainer {
 public:
  // `step`: already behind this state.
  Trainer(const Policy& policy, RunState& state, uint64_t step, Listens listens);

  // One update. The decision's memory is already part of the state. A manual file is removed when
  // it is seen; ExitError when it cannot be.
  Decision advance(UpdateHook& hook);

  uint64_t step() const { return step_; }
  double loss() const { return loss_; }
  // The policy's interval in seconds counts from here.
  void saved();

 private:
  const Policy& policy_;
  RunState& state_;
  uint64_t step_;
  Listens listens_;
  int64_t last_save_ns_;
  double loss_ = 0;
};

}  // namespace ckptbench
