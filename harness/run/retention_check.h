// After both resumes: asks a fresh process for every checkpoint that the last retain request of the
// trial keeps. Part of a trial; its thread.
#pragma once

#include <string>
#include <vector>

#include "harness/judge/judge.h"
#include "harness/run/job_runner.h"

namespace ckptbench {

// `journals`: of the trained run and of both resumes, in their order. Nothing where no request kept
// a checkpoint that was acknowledged.
std::optional<RetentionEvidence> check_retention(const Cell& cell, const std::string& folder,
                                                 const std::vector<std::string>& journals,
                                                 JobRunner& runner);

}  // namespace ckptbench
