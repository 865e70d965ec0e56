// What still loads where a recovery ended its process, or hung, in its restore: further processes
// ask for each listed checkpoint by number, newest first. A checkpoint that crashes a process is
// skipped by the next. Plain functions; threads as run_trial().
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/process_end.h"
#include "harness/core/recovery.h"
#include "harness/run/job_files.h"
#include "harness/run/job_runner.h"

namespace ckptbench {

// Of a recovery without a report: whether the strategy ended it, or hung, before it had restored.
bool ended_in_restore(const ProcessEnd& end, const JobFiles& files);

struct AskedAnew {
  RecoveryReport report;       // of the last process; kRefused where none restored and went on
  std::vector<JobFiles> jobs;  // of all
};
// `first`: how the recovery of this attempt ended. `next_runner`: where the next process runs.
// Throws Interrupted; ExitError when no worker can be started.
AskedAnew ask_anew(const Cell& cell, const std::string& folder, uint64_t attempt,
                   const ProcessEnd& first, const std::function<JobRunner&()>& next_runner);

}  // namespace ckptbench
