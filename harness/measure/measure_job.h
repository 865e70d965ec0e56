// The role that measures what saving costs: paired windows of steps with and without saves, in one
// process, interleaved ABBA. docs/metrics.md says what each metric means.
#pragma once

#include "harness/core/error.h"
#include "harness/train/job_context.h"

namespace ckptbench {

// Fills the job's report with a Record. Throws ExitError where it cannot measure.
ExitCode run_measure(JobContext& context);

}  // namespace ckptbench
