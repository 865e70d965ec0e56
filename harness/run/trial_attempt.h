// One run of a trial, in a folder that has its cell: train, meet the fault, recover in a fresh
// process, resume a second time, judge. Threads: as run_trial().
#pragma once

#include <string>

#include "harness/run/trial.h"

namespace ckptbench {

struct TrialAttempt {
  Record record;
  bool never_fired = false;  // it was judged as a run that the fault did not meet
};
TrialAttempt attempt_trial(const Cell& cell, const std::string& folder, const TrialSetup& setup);

}  // namespace ckptbench
