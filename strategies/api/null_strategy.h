// All hooks and no bytes: the harness's own floor. A save is decided at once, nothing is kept and
// nothing survives, so that a restore finds nothing.
// Threads: as strategy.h.
#pragma once

#include "strategies/api/strategy.h"

namespace ckptbench {

class NullStrategy : public Strategy {
 public:
  explicit NullStrategy(const StrategyContext& context)
      : observer_(context.observer), trace_(context.trace) {}

  Ticket save(const StateView& state, const SaveRequest& request) override;
  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override;
  std::vector<CheckpointInfo> list() override { return {}; }
  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override;
  // Errors: there is no checkpoint to keep.
  Status retain(std::span<const uint64_t> seqs) override;

 private:
  Observer& observer_;
  Trace& trace_;
  uint64_t saves_ = 0;
};

}  // namespace ckptbench
