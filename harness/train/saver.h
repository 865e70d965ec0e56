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
#include "harness/train/directory_watch.h"
#include "harness/train/save_log.h"
#include "strategies/api/strategy.h"

namespace ckptbench {

using Deadline = std::chrono::steady_clock::time_point;

class Saver {
 public:
  struct Decided {
    uint64_t slot = 0;    // of the log
    SaveOutcome outcome;  // never Pending
  };

  // `journal`: nullptr where nothing is journaled (measured windows).
  Saver(const Policy& policy, Strategy& strategy, SaveLog& log, JournalWriter* journal)
      : policy_(policy), strategy_(strategy), log_(log), journal_(journal) {}

  // Lets the strategy get ready for saves of this state, and looks; before training. The time it
  // took, ns.
  // Throws StrategyBroken; ExitError(kEnvironment) where what the saves need cannot be had.
  int64_t prepare(const StateView& state);
  // Lists what lies in the directory, which may take long after an earlier run: before training.
  void look();

  // For a strategy without background work: the return of save() acknowledges it with this claim,
  // and a file below `directory` that changes between two calls is journaled.
  void expect_no_background(Survives claim, std::string directory);

  // Called between the journal's entry and Strategy::save; after a save is decided and before
  // retention; and after that.
  void on_request(std::function<void()> call) { on_request_ = std::move(call); }
  void before_retention(std::function<void()> call) { before_retention_ = std::move(call); }
  void on_decided(std::function<void()> call) { on_decided_ = std::move(call); }

  // Retains what an earlier save has made possible, then saves. Throws StrategyBroken.
  void request(const StateView& state, uint64_t step, std::optional<double> metric);

  // Takes note of the saves decided by then, and retains when none is in flight. True when all are.
  // Throws StrategyBroken.
  bool settle(Deadline deadline);
  // The same without a call that blocks: asks again and again. A strategy that acknowledges only
  // what is waited for stays undecided.
  bool poll(Deadline deadline);
  // While held, retention waits for the next request, as it does in the middle of a run.
  void hold_retention(bool held) { retention_held_ = held; }
  // Time so far in Strategy::list and retain, and in waiting for the newest save where saves
  // overlap all the time and more than keep_last wait to be deleted: what deleting takes from the
  // training thread.
  int64_t retention_ns() const { return retention_ns_; }
  // Of that, waiting for the newest save.
  int64_t retention_wait_ns() const { return retention_wait_ns_; }
  // Time so far in Strategy::wait, that wait left out: what asking takes from the training thread.
  int64_t asking_ns() const { return asking_ns_; }
  // Waits for retention in the background and reports what it could not delete. Throws
  // StrategyBroken.
  void drain();

  // At the end of training: waits once more for the newest save that is said to be durable, and
  // journals what has not been said of it. Throws StrategyBroken.
  void confirm(Deadline deadline);

  bool has_requested() const { return has_requested_; }
  uint64_t last_step() const { return last_step_; }
  const std::vector<Decided>& decided() const { return decided_; }
  // The first error of retention; empty: none.
  const std::string& retention_error() const { return retention_error_; }

 private:
  struct Waiting {
    Ticket ticket;
    uint64_t slot = 0;
    std::optional<double> metric;
  };
  struct Foreground {
    Survives claim;
    DirectoryWatch watch;
  };
  SaveOutcome ask(const Waiting& waiting, Deadline deadline);
  void note(const Waiting& waiting, SaveOutcome outcome);
  void acknowledge_return(const Waiting& waiting);
  void journal_outcome(uint64_t slot, const SaveOutcome& outcome);
  void journal_durable(uint64_t slot, Survives survives, std::string by);
  void find_number(const Waiting& waiting);
  std::vector<CheckpointInfo> list();
  void check_unchanged();
  void take_files();
  void remember(const Waiting& waiting);
  void make_retention_possible();
  void retain_if_due();
  void retain();
  void report_retention(const Status& status);

  const Policy& policy_;
  Strategy& strategy_;
  SaveLog& log_;
  JournalWriter* journal_;
  std::function<void()> on_request_ = [] {};
  std::function<void()> before_retention_ = [] {};
  std::function<void()> on_decided_ = [] {};
  std::optional<Foreground> foreground_;
  std::optional<Waiting> last_durable_;  // none where the one after it failed
  std::string durable_by_;               // whose word it was
  std::deque<Waiting> pending_;
  std::vector<Decided> decided_;
  // What lies in the directory: listed once, before training where it can be, then followed by what
  // becomes durable, because a peer may read every byte of a checkpoint to list it.
  std::optional<std::vector<CheckpointInfo>> known_;
  bool lists_numbers_ = true;  // false: it has listed a checkpoint of ours without a number
  uint64_t durable_since_retain_ = 0;
  uint64_t last_step_ = 0;
  bool has_requested_ = false;
  bool retention_held_ = false;
  int64_t retention_ns_ = 0;
  int64_t retention_wait_ns_ = 0;
  int64_t asking_ns_ = 0;
  bool found_undecided_ = false;  // by the last settle(), when it began
  std::string retention_error_;
};

}  // namespace ckptbench
