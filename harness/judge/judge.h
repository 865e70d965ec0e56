// The oracle: journals + recovery reports -> verdict, which is complete when judge() returns. Pure
// functions; the rule stands here, once:
// the recovered state equals the reference of exactly one step s with floor <= s <= last requested;
// k further updates match the reference too; and so does a second resume from a save of the resumed
// run. The floor is the newest full step acknowledged with a `survives` that covers the fault and
// not deleted in accordance with a retain request (save_ledger.h); 0 otherwise.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "faults/api/unseen_change.h"
#include "faults/fault_log.h"
#include "harness/core/cell.h"
#include "harness/core/journal.h"
#include "harness/core/observer.h"
#include "harness/core/process_end.h"
#include "harness/core/recovery.h"
#include "harness/core/retained_report.h"
#include "harness/core/verdict.h"

namespace ckptbench {

struct Reference {
  std::vector<StepDigests> steps;  // index = step, from 0 (the initial state)
  std::vector<double> step_ns;     // monotonic time at which each step ended, from step 0
};
// Error: the two runs differ (ORACLE-INVALID), with the first step and component.
Result<Reference> make_reference(const JournalContents& first, const JournalContents& second);

// What became of retention: what must be there and what must not, and what a fresh process found
// after both resumes.
struct RetentionEvidence {
  std::vector<uint64_t> kept;                 // seqs that were to be kept and never let go
  std::vector<uint64_t> let_go;               // seqs that must be gone by now
  std::map<uint64_t, uint64_t> acknowledged;  // step by seq, of every save of the trial
  std::optional<RetainedReport> report;       // absent: the process gave none
  ProcessEnd asker;
};

// What an undisturbed run of the strategy showed; it counts in each of its trials.
struct UndisturbedFindings {
  std::vector<std::string> leaks;  // what grew per save, with figures
  std::string failed_saves;        // empty: none failed
  std::string failed_retention;    // SaveLedger::failed_retention
  std::string late_save;           // SaveLedger::late
  std::string background_change;   // JournalFacts::background_change
  std::string conflict;            // SaveLedger::conflict
};

struct TrialEvidence {
  Cell cell;
  JournalContents journal;  // of the trained run, then of a recovery that the fault killed
  ProcessEnd trained;
  FaultEvidence fault;
  // A fault of its own ended the trained run, and `fault` is one that its recovery met.
  bool trained_by_fault = false;
  // Of the first recovery and of the second resume; absent: the process gave no report.
  std::optional<RecoveryReport> recovery;
  ProcessEnd recovered;
  std::optional<RecoveryReport> second;
  ProcessEnd resumed;
  // Of the recoveries that nothing disturbed, in order.
  std::vector<JournalContents> resumed_journals;
  // What processes that ended with an error said of it, each after ": "; it explains an outcome
  // that is the harness's.
  std::string job_errors;
  // What changed in the checkpoint directory without being seen, in one sentence; empty: nothing.
  UnseenChange unseen;
  UndisturbedFindings undisturbed;
  std::optional<RetentionEvidence> retention;  // absent: nothing was asked for by number
  // What the list says that the strategy's checkpoints survive, its parameters included; absent:
  // not compared.
  std::optional<Survives> claim;
};

Verdict judge(const Reference& reference, const TrialEvidence& evidence);
// Of a trial that says nothing about the strategy, and why.
Verdict harness_outcome(HarnessOutcome outcome, std::string why);

}  // namespace ckptbench
