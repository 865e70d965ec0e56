// What a training job needs of torch's devices and random numbers: the device itself with
// deterministic algorithms, tensors on memory that the state owns, and generators of the job's own
// whose states are bytes of the state. One training thread.
#pragma once

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <optional>
#include <string>
#include <vector>

#include "harness/core/tensor_view.h"
#include "workloads/state_arena.h"

namespace ckptbench {

// "cpu" | "cuda" (the first GPU). Throws ExitError(kEnvironment) where there is no usable GPU.
at::Device open_torch_device(const std::string& name);

// Of a GPU's operations every one gives the same bits each time, at the speed of training.
void make_torch_deterministic();

// Allocates device memory for a StateArena, kept alive by `owner`; empty (none) for the CPU.
StateArena::DeviceAllocate device_allocate(at::Device device, std::vector<at::Tensor>& owner);

// A tensor on the view's own bytes, which stay the state's.
at::Tensor tensor_on(const TensorView& view, at::Device device);

// The host's generator (loader, initial values, masks on the CPU) and the GPU's (masks there).
class Generators {
 public:
  Generators(uint64_t seed, at::Device device);

  at::Generator& host() { return host_; }
  // For random values on the device: the GPU's, or the host's where there is none.
  at::Generator& on_device() { return device_ ? *device_ : host_; }
  int64_t host_bytes() const { return host_.get_state().numel(); }
  int64_t device_bytes() const { return device_ ? device_->get_state().numel() : 0; }

  // Between the generators and their tensors. `device_state`: null without a GPU.
  void save(const TensorView& host_state, const TensorView* device_state) const;
  // Throws std::runtime_error, naming the tensor, when it holds no state of a generator.
  void load(const TensorView& host_state, const TensorView* device_state);

 private:
  at::Generator host_;
  std::optional<at::Generator> device_;
};

}  // namespace ckptbench
