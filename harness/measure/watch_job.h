// The role that watches what the saves of a measured cell do with their files: some saves in a
// process with the preload library, so that the process that measures need not carry it. Its report
// is a WatchedSaves (watched_saves.h).
#pragma once

#include "harness/core/error.h"
#include "harness/train/job_context.h"

namespace ckptbench {

// REQUIRES: the job names a fault log, the process was started with the preload library. Throws
// ExitError where it cannot watch.
ExitCode run_watch(JobContext& context);

}  // namespace ckptbench
