// One attempt of a trial, in a folder that has its cell: train, meet the fault, recover in a fresh
// process, resume a second time, judge. trial.h decides whether there is another one. Threads: as
// run_trial().
#pragma once

#include <optional>
#include <string>

#include "harness/run/trial.h"

namespace ckptbench {

struct TrialAttempt {
  Record record;
  bool never_fired = false;  // it was judged as a run that the fault did not meet
  // Where it never fired: what it could have met in place of the cell's fault; absent: nothing that
  // is like it.
  std::optional<Fault> nearest;
};
// `in_place`: what the run is to meet in place of the cell's fault, which an attempt before missed.
// The record's cell has the cell's own, made definite; observed["replaced_point"] says what was
// met.
TrialAttempt attempt_trial(const Cell& cell, const std::string& folder, const TrialSetup& setup,
                           const std::optional<Fault>& in_place);

}  // namespace ckptbench
