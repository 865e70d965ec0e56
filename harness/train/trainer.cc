#include "harness/train/trainer.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "harness/platform/clock.h"
#include "harness/platform/training_range.h"
#include "harness/train/guard.h"
#include "harness/train/terminate_signal.h"

namespace ckptbench {
namespace {

bool take_manual_file(const std::string& path) {
  if (path.empty()) return false;
  if (::unlink(path.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  throw ExitError(ExitCode::kEnvironment,
                  "policy: manual_file " + path + ": " + std::strerror(errno));
}

}  // namespace

void StrategyHook::before_update(std::span<const TensorView> tensors,
                                 std::span<const TensorView> gradients) {
  guarded([&] { strategy_.before_update(tensors, gradients); });
}

Trainer::Trainer(const Policy& policy, RunState& state, uint64_t step, Listens listens)
    : policy_(policy), state_(state), step_(step), listens_(listens), last_save_ns_(now_ns()) {}

void Trainer::saved() {
  last_save_ns_ = now_ns();
}

Decision Trainer::advance(UpdateHook& hook) {
  const TrainingRange range("step");
  const StepResult result = state_.workload().step(hook);
  ++step_;
  loss_ = result.loss;
  StepPoint point{.step = step_,
                  .epoch_ended = result.epoch_ended,
                  .now_ns = now_ns(),
                  .last_save_ns = last_save_ns_,
                  .by_hand = false,
                  .terminate = false,
                  .loss = result.loss,
                  .accuracy = std::nullopt};
  if (listens_ == Listens::kYes) {
    point.by_hand = take_manual_file(policy_.manual_file);
    point.terminate = policy_.sigterm_grace_s > 0 && terminate_arrived_ns() != 0;
  }
  if (needs_accuracy(policy_, state_.policy(), point)) {
    point.accuracy = state_.workload().evaluate();
  }
  Decision decision = decide(policy_, state_.policy(), point);
  state_.policy() = decision.memory;
  return decision;
}

}  // namespace ckptbench
