// The role of a fresh process after a fault: restore, train on, save more than once. Its report is
// what the judge compares with the reference.
#pragma once

#include "harness/core/error.h"
#include "harness/train/job_context.h"

namespace ckptbench {

// Never trains on a state that the strategy refused. An exception from restore is a refusal with
// its text; one from a save is that save's error. Always kOk once a report is written.
ExitCode run_recover(JobContext& context);

}  // namespace ckptbench
