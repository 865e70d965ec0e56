// An undisturbed recovery of what a trained run left, to see which file operations a fault in the
// recovery could meet. Threads: as run_trial().
#pragma once

#include <optional>
#include <string>

#include "faults/api/fault_kind.h"
#include "harness/core/error.h"
#include "harness/run/job_runner.h"

namespace ckptbench {

// `folder`: the trial's. It works on a copy of the checkpoints, which are as before afterwards.
// Nothing: the recovery failed. Error: the copy could not be made.
Result<std::optional<UndisturbedFacts>> rehearse(const Cell& cell, const std::string& folder,
                                                 JobRunner& runner);

}  // namespace ckptbench
