// Whose fault it is that a worker process ended as it did. Pure functions.
#pragma once

#include "harness/judge/journal_facts.h"
#include "harness/judge/judge.h"

namespace ckptbench {

enum class Ending {
  kInOrder,   // the job was finished
  kFault,     // the fault ended it
  kDeadline,  // no progress: the harness ended it
  kStrategy,  // the strategy ended it: a crash, an exception, an exit
  kHarness,   // the harness or its machine ended it (its time limit is one), or nothing says what
              // did
};

// The trained run. Exit code 1 is the worker's word for a strategy that threw, and with 0 it leaves
// at its end alone; any other death before the first save was requested is not the strategy's.
Ending trained_ending(const TrialEvidence& evidence, const JournalFacts& facts);
// A recovery that gave no report. Exit codes 2, 3 and 4 are the harness's own words
// (docs/design.md); a SIGKILL that is not ours was sent by the kernel (out of memory) or another
// process. The worker exits with 0 only when its report is written: that code is the strategy's.
Ending silent_recovery_ending(const ProcessEnd& end);

}  // namespace ckptbench
