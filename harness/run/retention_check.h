// After both resumes: asks a fresh process for every checkpoint that the last retain request of the
// trial keeps, and what it lists of those that were let go. Part of a trial; its thread.
#pragma once

#include <string>
#include <vector>

#include "harness/judge/judge.h"
#include "harness/run/description.h"
#include "harness/run/job_runner.h"

namespace ckptbench {

// `journals`: of every process of the trial that saves, in their order: the trained run, a recovery
// that the fault killed, both resumes; one that did not run is left out. Nothing where no request
// kept a checkpoint that was acknowledged.
std::optional<RetentionEvidence> check_retention(const Cell& cell, const std::string& folder,
                                                 const std::vector<std::string>& journals,
                                                 const NamedInfo& strategy, JobRunner& runner);

}  // namespace ckptbench
