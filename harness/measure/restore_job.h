// The role that times restores in a fresh process, cold or warm: the start of the process up to the
// first verified step, and several calls of restore(), each from a strategy opened for it.
#pragma once

#include "harness/core/error.h"
#include "harness/train/job_context.h"

namespace ckptbench {

// Fewer where half of the cell's deadline has passed before.
inline constexpr uint64_t kRestoresPerProcess = 4;

// Fills the job's report with a Record. kNotAllowed: the strategy restores nothing, not what was
// saved last, or under a wrong step; the record's error says which. Throws ExitError where the time
// would be wrong (pages that stay cached in a cold restore), or the saver's journal cannot be read.
ExitCode run_restore(JobContext& context);

}  // namespace ckptbench
