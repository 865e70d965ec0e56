// The roles that train from the start: the reference, which never saves, and the trained run, which
// saves under its policy and meets the fault. Both journal digests after every step.
#pragma once

#include "harness/core/error.h"
#include "harness/train/job_context.h"
#include "harness/train/run_state.h"

namespace ckptbench {

// steps + more_steps updates without a strategy.
ExitCode run_reference(JobContext& context);

// kNotAllowed: the strategy threw; kEnd is missing from the journal.
ExitCode run_train(JobContext& context);

// One kStep entry with the state's digests.
void journal_step(JournalWriter& journal, RunState& state, uint64_t step,
                  std::optional<double> loss);

}  // namespace ckptbench
