// Arms the fault of a job beneath the strategy. Every fault writes evidence to the job's fault log
// before it acts. Owned by the training loop; one thread.
#pragma once

#include <signal.h>
#include <time.h>

#include <cstdint>

#include "harness/core/job.h"
#include "harness/platform/trace.h"
#include "harness/platform/unique_fd.h"

namespace ckptbench {

class FaultArm {
 public:
  FaultArm() = default;  // nothing to arm
  FaultArm(const FaultArm&) = delete;
  FaultArm& operator=(const FaultArm&) = delete;
  ~FaultArm();

  // Right before training (or the restore) starts; nothing without a fault log. Phases and file
  // operations are armed from here on, a moment at the first save_requested().
  // Throws ExitError: the log cannot be opened, or the preload library is not there.
  void arm(const Job& job, Trace& trace);

  // Before Strategy::save is called.
  void save_requested();

  // At the end of training: a moment that lies after it still fires. Returns when no timer is
  // pending; throws ExitError(kHarness) when the kernel did not deliver a due one.
  void await_moment();

 private:
  void arm_file_rule(const Job& job);

  UniqueFd log_;
  int64_t moment_ns_ = 0;  // 0: no such fault, or already started
  int64_t due_ns_ = 0;     // monotonic; 0: no timer is running
  timer_t timer_{};
  bool has_timer_ = false;
};

}  // namespace ckptbench
