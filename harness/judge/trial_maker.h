// Evidence for the judge's tests, made by hand: a run of 20 steps that saves every fifth, its kill
// after step 12, and a recovery that does all well. Each test changes one thing.
#pragma once

#include <algorithm>
#include <csignal>
#include <functional>
#include <ostream>

#include "harness/judge/judge.h"

namespace ckptbench {

inline constexpr Survives kProcess{.process = true};
inline constexpr Digest kGarbage{.high = 1, .low = 1};
inline constexpr Role kRoles[] = {Role::kParameter, Role::kMoment1, Role::kRng, Role::kLoader};

inline Digest digest_at(Role role, uint64_t step) {
  return {.high = static_cast<uint64_t>(role) + 1, .low = 100 + step};
}

inline ComponentDigests digests_at(uint64_t step) {
  ComponentDigests digests;
  for (Role role : kRoles) digests[role] = digest_at(role, step);
  return digests;
}

inline Reference reference_to(uint64_t last) {
  Reference reference;
  for (uint64_t step = 0; step <= last; ++step) {
    reference.steps.push_back({step, digests_at(step)});
    reference.step_ns.push_back(static_cast<double>(step) * 1e9);
  }
  return reference;
}

inline JournalEntry entry_of(Event event, uint64_t step) {
  JournalEntry entry;
  entry.event = event;
  entry.step = step;
  if (event == Event::kStep) {
    entry.digests = digests_at(step);
    entry.t_ns = static_cast<int64_t>(step) * 2'000'000'000;
  }
  if (event == Event::kRequested || event == Event::kDurable) entry.contents = "full";
  if (event == Event::kDurable) entry.survives = "process,power";
  if (event == Event::kDurable || event == Event::kRetired) entry.seq = step;
  return entry;
}

inline RecoveryReport recovered_at(uint64_t step, uint64_t more) {
  RecoveryReport report;
  report.outcome = RecoveryReport::Outcome::kRestored;
  report.step = step;
  report.restored = digests_at(step);
  for (uint64_t i = 1; i <= more; ++i)
    report.continuation.push_back({step + i, digests_at(step + i)});
  report.resaved_step = step + more;
  report.resave_durable = true;
  return report;
}

inline TrialEvidence good_trial() {
  TrialEvidence trial;
  trial.cell.kind = CellKind::kTrial;
  trial.cell.fault.kind = "file_op";
  trial.cell.steps = 20;
  trial.cell.more_steps = 3;
  auto& entries = trial.journal.entries;
  entries.push_back(entry_of(Event::kStart, 0));
  for (uint64_t step = 0; step <= 12; ++step) {
    entries.push_back(entry_of(Event::kStep, step));
    if (step == 0 || step % 5 != 0) continue;
    for (Event event : {Event::kRequested, Event::kCaptured, Event::kDurable}) {
      entries.push_back(entry_of(event, step));
    }
  }
  trial.fault.fired = true;
  trial.trained.signal = SIGKILL;
  trial.recovered.exited = trial.resumed.exited = true;
  trial.recovery = recovered_at(10, 3);
  trial.second = recovered_at(13, 3);
  return trial;
}

// The run came to its end; the fault did not fire.
inline void end_in_order(TrialEvidence& trial) {
  trial.journal.entries.push_back(entry_of(Event::kEnd, 12));
  trial.fault.fired = false;
  trial.trained = {};
  trial.trained.exited = true;
}

inline void no_fault(TrialEvidence& trial) {
  end_in_order(trial);
  trial.cell.fault.kind = "none";
}

inline std::vector<JournalEntry>& entries(TrialEvidence& trial) {
  return trial.journal.entries;
}

// REQUIRES: there is one.
inline JournalEntry& entry_in(TrialEvidence& trial, Event event, uint64_t step) {
  return *std::find_if(
      entries(trial).begin(), entries(trial).end(),
      [&](const JournalEntry& entry) { return entry.event == event && entry.step == step; });
}

// Recovery and second resume as if the checkpoint of `step` had come back.
inline void come_back_at(TrialEvidence& trial, uint64_t step) {
  trial.recovery = recovered_at(step, 3);
  trial.second = recovered_at(step + 3, 3);
}

// Restores step 10 of the good trial, saves step 12, keeps it and lets the older ones go.
inline JournalContents good_resume() {
  JournalContents journal;
  JournalEntry restored = entry_of(Event::kRestored, 10);
  restored.digests = digests_at(10);
  JournalEntry retain = entry_of(Event::kRetain, 12);
  retain.keeps = {12};
  retain.drops = {5, 10};
  journal.entries = {entry_of(Event::kStart, 0),      restored,
                     entry_of(Event::kStep, 11),      entry_of(Event::kStep, 12),
                     entry_of(Event::kRequested, 12), entry_of(Event::kCaptured, 12),
                     entry_of(Event::kDurable, 12),   retain,
                     entry_of(Event::kRetired, 10),   entry_of(Event::kRetired, 5),
                     entry_of(Event::kEnd, 12)};
  return journal;
}

// A row of a test: the good trial after one change, and the verdict of it.
struct JudgeCase {
  const char* name;
  std::function<void(TrialEvidence&)> change;
  const char* expected;  // short_text
};

inline void PrintTo(const JudgeCase& c, std::ostream* out) {
  *out << c.name;
}

inline void drop(TrialEvidence& trial, Event event, uint64_t step) {
  std::erase_if(entries(trial), [&](const JournalEntry& entry) {
    return entry.event == event && entry.step == step;
  });
}

inline void find_nothing(TrialEvidence& trial) {
  come_back_at(trial, 0);
  trial.recovery->outcome = RecoveryReport::Outcome::kNothing;
}

}  // namespace ckptbench
