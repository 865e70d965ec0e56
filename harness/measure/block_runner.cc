#include "harness/measure/block_runner.h"

#include "harness/platform/clock.h"

namespace ckptbench {

void TimedHook::before_update(std::span<const TensorView> tensors,
                              std::span<const TensorView> gradients) {
  const int64_t begin_ns = now_ns();
  hook_.before_update(tensors, gradients);
  gate_ns_ += now_ns() - begin_ns;
}

void BlockRunner::step(bool with_saves) {
  const Decision decision = trainer_.advance(hook_);
  losses_.push_back(trainer_.loss());
  if (!with_saves || !decision.save()) return;
  trainer_.saved();
  saver_.request(state_.view(), trainer_.step(), decision.metric);
}

void BlockRunner::save_now() {
  trainer_.saved();
  saver_.request(state_.view(), trainer_.step(), std::nullopt);
}

void BlockRunner::settle() {
  if (saver_.settle(patience_)) return;
  throw ExitError(ExitCode::kHarness, "the save of step " + std::to_string(saver_.last_step()) +
                                          " is still not decided after twice the cell's deadline");
}

BlockTimes BlockRunner::run(uint64_t steps, bool with_saves) {
  BlockTimes times;
  times.first_slot = log_.size();
  const int64_t gate_before_ns = hook_.gate_ns();
  device_.synchronize();
  const int64_t begin_ns = now_ns();
  for (uint64_t i = 0; i < steps; ++i) step(with_saves);
  device_.synchronize();
  const int64_t end_ns = now_ns();
  settle();
  times.tail_ns = now_ns() - end_ns;
  times.wall_ns = end_ns - begin_ns;
  times.gate_ns = hook_.gate_ns() - gate_before_ns;
  times.end_slot = log_.size();
  for (uint64_t i = times.first_slot; i < times.end_slot; ++i) {
    times.block_ns += log_.at(i).returned_ns - log_.at(i).requested_ns;
  }
  return times;
}

}  // namespace ckptbench
