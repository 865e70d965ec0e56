// The recoveries of one attempt of a trial, each in a fresh process: one that the fault is to end,
// the one that counts, the second resume, and those that ask by number where one of them gave no
// report. Lives as long as its attempt, whose evidence it completes. Threads: as run_trial().
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/judge/judge.h"
#include "harness/run/job_files.h"
#include "harness/run/trial.h"

namespace ckptbench {

class TrialRecoveries {
 public:
  // All of it is the attempt's, and outlives this. The run was trained on `setup.runner`.
  TrialRecoveries(const Cell& cell, const std::string& folder, const TrialSetup& setup,
                  TrialEvidence& evidence);
  TrialRecoveries(const TrialRecoveries&) = delete;

  // A restart shares nothing with the process before it: what both have from one start of a
  // program, as the seed of Python's hashes, would let a strategy find what no real restart finds.
  JobRunner& next_runner() const;

  // A first recovery that the cell's fault ends; the one that counts comes after it. One that dies
  // or hangs before it meets the fault is the one that counts. Error: its fault log cannot be read.
  Status kill();
  // After kill().
  bool lived() const { return lived_; }              // it was to meet the fault and ended in order
  bool ended_early() const { return ended_early_; }  // it died or hung before the fault

  // The one that counts, and the second resume where the first could save again.
  void run();
  // Where the journals of all but the killed one lie, in order.
  const std::vector<std::string>& journals() const { return journals_; }

 private:
  JobRunner& take_next_runner();
  ProcessEnd recover(uint64_t attempt, std::optional<RecoveryReport>& report);
  void ask_anew_after(uint64_t attempt, const JobFiles& files, const ProcessEnd& end,
                      std::optional<RecoveryReport>& report);
  void add_saves_of_killed(const JobFiles& files);
  void add_resumed(const JobFiles& files);

  const Cell& cell_;
  const std::string& folder_;
  const TrialSetup& setup_;
  TrialEvidence& evidence_;
  const JobRunner* last_runner_;  // of training, or of the newest recovery that is no rehearsal
  bool lived_ = false;
  bool ended_early_ = false;
  std::vector<std::string> journals_;
};

}  // namespace ckptbench
