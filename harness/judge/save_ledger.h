// What became of each save of a trained run, entry by entry of its journal: who acknowledged it, as
// surviving what, what retention may delete, and where the reports contradict each other. The floor
// follows from it. Plain values; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/journal.h"
#include "harness/core/observer.h"

namespace ckptbench {

class SaveLedger {
 public:
  // Entries in the order of the journal; those that say nothing of a save are ignored.
  // REQUIRES: reports of steps that were requested.
  void add(const JournalEntry& entry);

  // The newest full step that is acknowledged with a `survives` that covers the death of the
  // process, and not deleted in accordance with a retain request. 0: none.
  uint64_t floor() const;
  uint64_t last_requested() const { return last_requested_; }  // newest full one
  // Saves were acknowledged, none of them against the death of the process.
  bool claims_nothing() const { return acknowledged_ && !covered_; }

  // Saves that failed and were not durable at another attempt, or that were skipped without a save
  // of the same time, in words: the first, and how many; empty: none.
  std::string failures() const;
  uint64_t skipped() const { return skipped_; }
  uint64_t requests() const { return saves_.size(); }

  // Each is the first of its kind in words; empty: none.
  // `claim`: what the strategy's saves survive; absent: unknown, and a further tier may always
  // fail.
  std::string conflict(const std::optional<Survives>& claim) const;
  const std::string& early_retire() const { return early_retire_; }
  // A save that was first acknowledged when the wait at the end of training blocked.
  const std::string& late() const { return late_; }
  // The first request to delete that failed, which costs disk and no checkpoint.
  const std::string& failed_retention() const { return failed_retention_; }
  // Where an acknowledgement says more than `claim`, or a save that wait() or save() declared
  // durable was acknowledged as less than that.
  std::string claim_mismatch(Survives claim) const;

 private:
  struct Save {
    uint64_t step = 0;
    uint64_t seq = 0;
    bool full = false;
    std::string acknowledged_by;  // the first to do so; empty: nobody
    std::string failed_by;        // the last to say so; empty: nobody
    std::string failure;          // the reason
    bool refuted = false;         // wait() said that it failed, or was declined: its last word
    Survives before_failure;      // what was acknowledged when the observer told of a failure
    bool failed_late = false;     // it did so after an acknowledgement
    Survives survives;            // of all acknowledgements together
    bool decided = false;         // by wait() or save()
    bool awaited = false;         // nobody had acknowledged it when training was over
    bool must_stay = false;
    bool may_go = false;
    bool retired = false;
    bool alone = false;          // no earlier one was in flight when it was requested
    bool skipped_alone = false;  // and no newer one had been requested when it was skipped
  };

  Save& of(const JournalEntry& entry);
  void acknowledge(const JournalEntry& entry);
  void fail(const JournalEntry& entry);
  void skip(const JournalEntry& entry);
  void await_all();
  void retain(const JournalEntry& entry);
  void retire(const JournalEntry& entry);
  bool has_newer(size_t index) const;

  std::vector<Save> saves_;  // in the order of their requests
  uint64_t last_requested_ = 0;
  uint64_t skipped_ = 0;
  bool acknowledged_ = false;
  bool covered_ = false;
  std::string conflict_;
  std::string early_retire_;
  std::string late_;
  std::string failed_retention_;
};

}  // namespace ckptbench
