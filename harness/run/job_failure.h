// Why a job failed, in one line, from what its process left: how it ended, the error in its report,
// the end of its log. Reads files; no thread rule.
#pragma once

#include <string>

#include "harness/core/process_end.h"
#include "harness/run/job_files.h"

namespace ckptbench {

// The error that the report names, or the last lines of the log on one line; empty: neither.
std::string job_error(const JobFiles& files);
// "restore-cold-1 exited with code 1: AttributeError: …". `what` names the job, which is not
// finished: exit code 0 is the strategy's then, and said to be (job_finished.h). Where neither says
// anything, how far its journal goes: "… died by signal 11 after requesting the save of step 6: …".
std::string job_failure(const std::string& what, const ProcessEnd& end, const JobFiles& files);

}  // namespace ckptbench
