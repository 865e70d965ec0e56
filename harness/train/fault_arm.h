// Arms the fault of a job beneath the strategy, by the row of its kind (faults/api/fault_kind.h).
// Owned by the training loop; one thread.
#pragma once

#include <memory>

#include "faults/fault_kinds.h"
#include "harness/core/job.h"
#include "harness/platform/trace.h"
#include "harness/platform/unique_fd.h"

namespace ckptbench {

class FaultArm {
 public:
  FaultArm() = default;  // nothing to arm
  // Says what has become of the files that were touched; the strategy is gone.
  ~FaultArm();
  FaultArm(const FaultArm&) = delete;
  FaultArm& operator=(const FaultArm&) = delete;

  // Before the strategy is opened, so that what it does to its directory then is under the fault,
  // too; without a fault log file operations are only counted. Throws ExitError: the log cannot be
  // opened, the fault cannot be read or armed.
  void arm(const Job& job, Trace& trace, const FaultKinds& kinds = fault_kinds());

  // Before Strategy::save is called.
  void save_requested();

  // At the end of training: a fault that is due only now still acts. Throws ExitError(kHarness)
  // when it does not.
  void await_end();

 private:
  void arm_kind(const Job& job, Trace& trace, const FaultKinds& kinds);

  UniqueFd log_;
  std::unique_ptr<ArmedFault> armed_;
};

}  // namespace ckptbench
