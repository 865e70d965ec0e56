// The role that times one restore in a fresh process, cold or warm, to the first verified step.
#pragma once

#include "harness/core/error.h"
#include "harness/train/job_context.h"

namespace ckptbench {

// Fills the job's report with a Record. kNotAllowed: the strategy restores nothing, not what was
// saved last, or under a wrong step; the record's error says which. Throws ExitError where the time
// would be wrong (pages that stay cached in a cold restore), or the saver's journal cannot be read.
ExitCode run_restore(JobContext& context);

}  // namespace ckptbench
