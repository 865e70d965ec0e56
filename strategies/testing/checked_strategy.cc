#include "strategies/testing/checked_strategy.h"

#include <gtest/gtest.h>

#include "harness/core/testing/processor_state.h"

namespace ckptbench {
namespace {

// Checks at the end of its scope.
class CallCheck {
 public:
  CallCheck(const std::string& strategy, const char* call) : strategy_(strategy), call_(call) {}
  ~CallCheck() {
    const std::string changes = before_.changes();
    EXPECT_EQ(changes, "") << strategy_ << ", after " << call_;
  }
  CallCheck(const CallCheck&) = delete;
  CallCheck& operator=(const CallCheck&) = delete;

 private:
  const std::string& strategy_;
  const char* const call_;
  const ProcessorState before_ = ProcessorState::before_call();
};

}  // namespace

Opened open_checked(const std::string& name, const std::function<Opened()>& open) {
  Opened inner = [&] {
    const CallCheck check(name, "opening");
    return open();
  }();
  if (!inner) return inner;
  return std::unique_ptr<Strategy>(new CheckedStrategy(name, std::move(inner).value()));
}

CheckedStrategy::~CheckedStrategy() {
  const CallCheck check(name_, "the destructor");
  inner_.reset();
}

Status CheckedStrategy::prepare(const StateView& state) {
  const CallCheck check(name_, "prepare");
  return inner_->prepare(state);
}

Ticket CheckedStrategy::save(const StateView& state, const SaveRequest& request) {
  const CallCheck check(name_, "save");
  return inner_->save(state, request);
}

void CheckedStrategy::before_update(std::span<const TensorView> tensors,
                                    std::span<const TensorView> gradients) {
  const CallCheck check(name_, "before_update");
  inner_->before_update(tensors, gradients);
}

SaveOutcome CheckedStrategy::wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) {
  const CallCheck check(name_, "wait");
  return inner_->wait(ticket, deadline);
}

std::vector<CheckpointInfo> CheckedStrategy::list() {
  const CallCheck check(name_, "list");
  return inner_->list();
}

RestoreOutcome CheckedStrategy::restore(StateView& state, const Want& want, Replay* replay) {
  const CallCheck check(name_, "restore");
  return inner_->restore(state, want, replay);
}

Status CheckedStrategy::retain(std::span<const uint64_t> seqs) {
  const CallCheck check(name_, "retain");
  return inner_->retain(seqs);
}

Status CheckedStrategy::drain() {
  const CallCheck check(name_, "drain");
  return inner_->drain();
}

}  // namespace ckptbench
