// Whether a worker process came to the end of its job. Exit code 0 alone does not say so: a
// strategy can end the process with it, wherever it is called. Reads files; no thread rule.
#pragma once

#include "harness/core/process_end.h"
#include "harness/run/job_files.h"

namespace ckptbench {

// It left with exit code 0, and its journal has the end, which a job writes after its report.
bool job_finished(const ProcessEnd& end, const JobFiles& files);

}  // namespace ckptbench
