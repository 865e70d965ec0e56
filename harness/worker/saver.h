// Asks the strategy for saves and follows each until it is decided: the journal's entry before the
// request, skips, retention once the newest is durable. Borrows everything; the training thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/journal.h"
#include "strategies/strategy.h"

namespace ckptbench {

using Deadline = std::chrono::steady_clock::time_point;

class Saver {
 public:
  struct Decided {
    uint64_t step = 0;
    SaveOutcome outcome;  // never Pending
  };

  Saver(const Policy& policy, Strategy& strategy, JournalWriter& journal)
      : policy_(policy), strategy_(strategy), journal_(journal) {}

  // Called between the journal's entry and Strategy::save; and after each decided save.
  void on_request(std::function<void()> call) { on_request_ = std::move(call); }
  void on_decided(std::function<void()> call) { on_decided_ = std::move(call); }

  // Retains what an earlier save has made possible, then saves. REQUIRES: step > 0. Throws
  // StrategyBroken.
  void request(const StateView& state, uint64_t step, std::optional<double> metric);

  // Takes note of the saves decided by then, and retains when none is in flight. True when all are.
  // Throws StrategyBroken.
  bool settle(Deadline deadline);

  bool has_requested() const { return last_step_ > 0; }
  uint64_t last_step() const { return last_step_; }
  uint64_t in_flight() const { return pending_.size(); }
  const std::vector<Decided>& decided() const { return decided_; }

 private:
  struct Waiting {
    Ticket ticket;
    uint64_t step = 0;
  };
  void note(uint64_t step, SaveOutcome outcome);
  void retain();

  const Policy& policy_;
  Strategy& strategy_;
  JournalWriter& journal_;
  std::function<void()> on_request_ = [] {};
  std::function<void()> on_decided_ = [] {};
  std::deque<Waiting> pending_;
  std::vector<Decided> decided_;
  uint64_t durable_since_retain_ = 0;
  uint64_t last_step_ = 0;
};

}  // namespace ckptbench
