// The named tensors of a TrainingJob: their declaration, memory and typed access.
//
// Order: per bucket its parameters, first moments, second moments and step counters; then the
// schedule bucket (learning rate, scheduler position, loss scaler, global step); then all that
// changes any time (buffers, loader, RNG, accumulated gradients). So what before_update names is a
// run of the view. Owned by the job; one training thread.
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <span>
#include <vector>

#include "workloads/adamw_torch.h"
#include "workloads/state_arena.h"
#include "workloads/torch_model.h"

namespace ckptbench {

struct TrainingLayout {
  std::vector<ParameterSpec> parameters;
  std::vector<BufferSpec> buffers;
  int64_t samples = 0;  // of the training set
  int64_t host_rng_bytes = 0;
  int64_t device_rng_bytes = 0;  // 0: no GPU generator
  bool accumulates = false;      // gradients add up over micro-steps: they are state
  bool scales = false;           // the loss is scaled
};

class TrainingState {
 public:
  // A run of parameters that are updated together; the last bucket has no parameters.
  struct Bucket {
    std::span<const TensorView> tensors;
    std::span<const TensorView> gradients;
    size_t slot_begin = 0, slot_end = 0;  // parameters, numbered as in the layout
  };

  // Allocates everything, zeroed.
  TrainingState(const TrainingLayout& layout, at::Device device);

  StateView& view() { return arena_.view(); }
  const std::vector<Bucket>& buckets() const { return buckets_; }  // those that train
  AdamWTensors adamw(size_t slot) const;
  at::Tensor parameter(size_t slot) const;
  std::optional<at::Tensor> gradient(size_t slot) const;  // absent when frozen
  at::Tensor buffer(size_t index) const;
  at::Tensor order() const;
  const at::Tensor& flat_gradients() const { return flat_gradients_; }  // all, padding is zero

  int64_t& updates_of(size_t slot) { return *arena_.host<int64_t>(slots_[slot].counter); }
  double& learning_rate() { return *arena_.host<double>(rate_); }
  int64_t& scheduler_position() { return *arena_.host<int64_t>(position_); }
  // REQUIRES: the layout scales.
  float& loss_scale() { return *arena_.host<float>(scale_.value()); }
  int32_t& loss_scale_growth() { return *arena_.host<int32_t>(growth_.value()); }
  int64_t& step() { return *arena_.host<int64_t>(step_); }
  int64_t& loader_position() { return *arena_.host<int64_t>(cursor_); }
  int64_t& loader_epoch() { return *arena_.host<int64_t>(epoch_); }
  const TensorView& host_rng() const { return arena_.at(rng_); }
  const TensorView* device_rng() const { return device_rng_ ? &arena_.at(*device_rng_) : nullptr; }
  // Says whether accumulated gradients are there; nothing where they are no state.
  void set_gradients_present(bool present);

 private:
  struct Slot {  // indices into the arenas
    size_t parameter = 0, moment1 = 0, moment2 = 0, counter = 0;
    std::optional<size_t> gradient;
  };
  struct Run {  // a bucket before its addresses are known
    size_t begin = 0, end = 0, gradient_begin = 0, gradient_end = 0, slot_begin = 0, slot_end = 0;
  };

  void declare_bucket(std::span<const ParameterSpec> specs);
  void declare_schedule(bool scales);
  void declare_rest(const TrainingLayout& layout);
  void allocate(bool accumulates);

  at::Device device_;
  std::vector<at::Tensor> device_memory_;
  StateArena arena_;
  StateArena gradients_;
  std::vector<Slot> slots_;
  std::vector<Run> runs_;
  std::vector<Bucket> buckets_;
  at::Tensor flat_gradients_;
  size_t rate_ = 0, position_ = 0, step_ = 0;
  size_t first_buffer_ = 0, order_ = 0, cursor_ = 0, epoch_ = 0, rng_ = 0;
  std::optional<size_t> scale_;
  std::optional<size_t> growth_;
  std::optional<size_t> device_rng_;
  std::optional<size_t> present_;
};

}  // namespace ckptbench
