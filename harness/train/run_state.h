// The state of a training process as it is saved, restored and digested: the workload's tensors
// and, behind them, the policy's memory. Owns the workload. One training thread.
#pragma once

#include <memory>
#include <string>

#include "harness/core/cell.h"
#include "harness/core/digest.h"
#include "harness/core/tensor_view.h"
#include "harness/platform/device.h"
#include "harness/train/policy.h"
#include "workloads/workload.h"

namespace ckptbench {

class RunState {
 public:
  // Makes and initialises the workload. REQUIRES: check_workload succeeded. Throws ExitError where
  // the device is not there.
  RunState(const Cell& cell, Device& device);
  // A workload that is already initialised.
  RunState(std::unique_ptr<Workload> workload, const Policy& policy, Device& device);
  RunState(const RunState&) = delete;

  Workload& workload() { return *workload_; }
  PolicyMemory& policy() { return policy_; }

  // All tensors, brought up to date. Valid, at the same addresses, for the lifetime.
  StateView& view();
  // The same tensors as they lie, for a restore to fill: nothing is brought up to date.
  StateView& target() { return view_; }
  // After a restore has overwritten the bytes.
  void load() { workload_->load(); }
  // Of the bytes as they are now; device tensors are copied first.
  ComponentDigests digests();

 private:
  Device& device_;
  std::unique_ptr<Workload> workload_;
  PolicyMemory policy_;
  StateView view_;
};

// The same without a workload: digests of any view.
ComponentDigests digest_state(Device& device, const StateView& state);

}  // namespace ckptbench
