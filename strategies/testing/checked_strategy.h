// For tests: a strategy that checks after each call from the training thread that the processor is
// as it was before (harness/core/testing/processor_state.h). A change is a test failure that names
// the call. Threads: as strategies/api/strategy.h.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "strategies/api/strategy.h"

namespace ckptbench {

class CheckedStrategy : public Strategy {
 public:
  CheckedStrategy(std::string name, std::unique_ptr<Strategy> inner)
      : name_(std::move(name)), inner_(std::move(inner)) {}
  ~CheckedStrategy() override;

  Status prepare(const StateView& state) override;
  Ticket save(const StateView& state, const SaveRequest& request) override;
  void before_update(std::span<const TensorView> tensors,
                     std::span<const TensorView> gradients) override;
  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override;
  std::vector<CheckpointInfo> list() override;
  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override;
  Status retain(std::span<const uint64_t> seqs) override;
  Status drain() override;

 private:
  const std::string name_;
  std::unique_ptr<Strategy> inner_;
};

using Opened = Result<std::unique_ptr<Strategy>>;

// Opens a strategy under the same check.
Opened open_checked(const std::string& name, const std::function<Opened()>& open);

}  // namespace ckptbench
