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

// Digests of a state, wherever it lies. Of a tensor on a GPU its digest there stands for its bytes,
// so a state has other digests on a GPU than on the host: what compares them (the judge, a restore
// with the step that it claims) has runs of one cell, hence of one device. Borrows the device; one
// training thread.
class StateDigester {
 public:
  explicit StateDigester(Device& device) : device_(device) {}

  // Of the bytes as they are now. Throws ExitError(kEnvironment) on CUDA errors.
  ComponentDigests digest(const StateView& state);

 private:
  Device& device_;
};

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
  // Of view().
  ComponentDigests digests();
  // Of target().
  ComponentDigests target_digests() { return digester_.digest(view_); }

 private:
  StateDigester digester_;
  std::unique_ptr<Workload> workload_;
  PolicyMemory policy_;
  StateView view_;
};

}  // namespace ckptbench
