// A training job: deterministic for a seed, a world size and a thread count. Everything that
// decides the next step is a named tensor of state(); there is no side channel. Names, shapes,
// dtypes and addresses are constant after init(). Threads: one training thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/params.h"
#include "harness/core/tensor_view.h"

namespace ckptbench {

// Called by step() right before the optimizer changes a bucket of tensors.
class UpdateHook {
 public:
  virtual ~UpdateHook() = default;
  virtual void before_update(std::span<const TensorView> tensors,
                             std::span<const TensorView> gradients) = 0;
};

// Training without any strategy.
class NoHook : public UpdateHook {
 public:
  void before_update(std::span<const TensorView>, std::span<const TensorView>) override {}
};

struct StepResult {
  double loss = 0;
  uint64_t samples = 0;
  bool epoch_ended = false;
};

class Workload {
 public:
  virtual ~Workload() = default;
  // Builds model, optimizer, loader and RNG from the seed. Once.
  virtual void init(uint64_t seed) = 0;
  // One optimizer update (all its accumulation micro-steps).
  virtual StepResult step(UpdateHook& hook) = 0;
  // Brings values kept elsewhere (RNG) into their tensors, then the view. Valid for the lifetime.
  virtual StateView& state() = 0;
  // After the bytes of state() were overwritten by a restore: brings them into effect. Throws
  // std::runtime_error, naming the tensor, when one holds a value that no state can have.
  virtual void load() = 0;
  // On held-out data; does not change the state. Test accuracy in [0, 1] for classifiers, loss
  // otherwise; absent where the workload has none.
  virtual std::optional<double> evaluate() = 0;
};

struct WorkloadInfo {
  std::string name;
  std::string summary;
  std::vector<ParamInfo> params;
  ParamText small_params;  // what differs from the defaults in tests: steps of a few milliseconds
};

// All workloads; the order of `list`.
const std::vector<WorkloadInfo>& workload_infos();
// REQUIRES: params made from that workload's rows. device: "cpu" | "cuda".
std::unique_ptr<Workload> make_workload(const std::string& name, const Params& params,
                                        const std::string& device);

}  // namespace ckptbench
