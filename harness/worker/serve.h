// The fork server: a warmed-up process without threads that forks one child per job, one at a time.
// Lines of JSON on standard input and output as in docs/protocol.md. Owns the child and everything
// it leaves behind. One thread.
#pragma once

#include "harness/core/error.h"
#include "harness/train/job_context.h"
#include "harness/worker/warm_up.h"

namespace ckptbench {

// Returns at the end of standard input. Throws ExitError: a malformed line, a second job while one
// runs, more than one thread after the warm-up, or a Python that cannot be loaded.
ExitCode serve(const MakeDevice& make_device, Warm warm);

}  // namespace ckptbench
