// One job in this process, whatever its role. Used by `exec` and by every child of `serve`.
#pragma once

#include <string>

#include "harness/core/error.h"
#include "harness/train/job_context.h"

namespace ckptbench {

// Reads the job file and does the job. Throws ExitError.
ExitCode run_job(const std::string& job_path, const MakeDevice& make_device);

// The same, for a process that ends with it: errors become one line on stderr and the exit code.
int run_job_to_exit_code(const std::string& job_path, const MakeDevice& make_device);

// Flushes and leaves at once: an embedded Python interpreter must not be finalised, and a forked
// child must not run what its parent registered.
[[noreturn]] void leave(int exit_code);

}  // namespace ckptbench
