// Asks a strategy, in a fresh process, for its checkpoints one by one (JobRole::kRetained). Nothing
// is trained or saved.
#pragma once

#include "harness/core/error.h"
#include "harness/train/job_context.h"

namespace ckptbench {

// Writes a RetainedReport. Throws ExitError.
ExitCode run_retained(JobContext& context);

}  // namespace ckptbench
