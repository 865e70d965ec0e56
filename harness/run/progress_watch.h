// Whether a job still gets anywhere. Progress is an entry in its journal or its fault log, a file
// operation below its checkpoint directory where the preload library counts, bytes moved by its
// processes, or their processor time; a job without any for its deadline hangs. Nobody can tell
// long work from an endless loop by its processor time, so that alone counts for three deadlines
// only. Every kind of progress together is bounded by kMostDeadlines (harness/core/job.h), a limit
// of the harness and no hang. One thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "faults/job_activity.h"
#include "harness/run/job_files.h"

namespace ckptbench {

class ProgressWatch {
 public:
  ProgressWatch(const JobFiles& files, double deadline_s);

  enum class State {
    kGoing,
    kHangs,    // no progress, or none but processor time for too long
    kTooLong,  // still progress, beyond the harness's own limit
  };
  // `root`: the job's process; 0: not started yet.
  State look(pid_t root);
  // How long to wait before the next look.
  double pause_s() const;

  static constexpr double kSpinDeadlines = 3;

 private:
  using Clock = std::chrono::steady_clock;
  double seconds_since(Clock::time_point then) const;

  JobFiles files_;
  JobActivity activity_;
  double deadline_s_;
  Clock::time_point begin_;
  Clock::time_point progress_;  // the last of any kind
  Clock::time_point visible_;   // the last besides processor time
  uint64_t journal_bytes_ = 0;
  uint64_t log_bytes_ = 0;
  uint64_t operations_ = 0;
  int64_t cpu_ns_ = 0;        // as of the last progress by it
  uint64_t moved_bytes_ = 0;  // as of the last progress by it
};

}  // namespace ckptbench
