// A Workload that trains a TorchModel: shuffled loader, gradient accumulation and clipping, AdamW,
// warm-up + cosine schedule. Everything that decides the next step lies in the arena under a name.
//
// Order of the state: per bucket its parameters, first and second moments and step counters; then
// the "schedule" bucket (learning rate, scheduler position, global step), then all that changes
// any time (buffers, accumulated gradients, loader, RNG). One training thread.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <optional>
#include <vector>

#include "workloads/adamw.h"
#include "workloads/schedule.h"
#include "workloads/state_arena.h"
#include "workloads/torch_model.h"
#include "workloads/workload.h"

namespace ckptbench {

struct TrainingOptions {
  int64_t batch = 32;      // samples per micro-step
  int64_t accumulate = 1;  // micro-steps per update
  double dropout = 0;      // share of values dropped
  double clip = 0;         // largest global L2 norm of the gradient; 0: off
  AdamW adamw;
  Schedule schedule;
};

class TrainingJob : public Workload {
 public:
  // device: "cpu" | "cuda". Throws ExitError(kEnvironment) where there is no such device.
  TrainingJob(std::unique_ptr<TorchModel> model, const TrainingOptions& options,
              const std::string& device);
  ~TrainingJob() override;

  void init(uint64_t seed) override;
  StepResult step(UpdateHook& hook) override;
  StateView& state() override;
  // Throws std::runtime_error, naming the tensor, when a value is one that no state can have.
  void load() override;
  std::optional<double> evaluate() override;

 private:
  struct Slot {  // one parameter; indices into the arenas
    size_t parameter = 0, moment1 = 0, moment2 = 0, counter = 0, gradient = 0;
    bool decay = false, frozen = false;
  };
  struct Bucket {  // [begin, end) of the state, of the trained slots and of the gradient views
    size_t state_begin = 0, state_end = 0, slot_begin = 0, slot_end = 0;
    size_t gradient_begin = 0, gradient_end = 0;
  };

  void declare_parameters(const std::vector<ParameterSpec>& specs);
  void declare_bucket(const std::vector<ParameterSpec>& specs, size_t begin, size_t end);
  void declare_rest(const std::vector<BufferSpec>& buffers);
  void allocate();
  void fill(const std::vector<ParameterSpec>& specs, const std::vector<BufferSpec>& buffers);
  void bind(size_t buffers);
  at::Tensor tensor_of(const TensorView& view) const;
  void sync_generators();
  void start_epoch();
  bool next_batch();  // into samples_; true when it was the epoch's last
  void clip_gradients();
  void update(UpdateHook& hook);
  void update_slot(size_t slot, double learning_rate);
  void clear_gradients();

  std::unique_ptr<TorchModel> model_;
  TrainingOptions options_;
  at::Device device_;
  at::Generator generator_;                        // host: loader, initial values, CPU dropout
  std::optional<at::Generator> device_generator_;  // CUDA dropout
  StateArena arena_;
  StateArena gradients_;
  std::vector<at::Tensor> device_memory_;
  std::vector<Slot> slots_;
  std::vector<Bucket> buckets_;
  std::vector<TensorView> gradient_views_;  // of trained slots, in slot order
  std::vector<at::Tensor> bound_;           // of each slot: parameter
  at::Tensor flat_gradients_;
  size_t rate_ = 0, position_ = 0, step_ = 0, present_ = 0;
  size_t order_ = 0, cursor_ = 0, epoch_ = 0, rng_ = 0, device_rng_ = 0;
  size_t first_buffer_ = 0;
  std::vector<int64_t> samples_;
};

}  // namespace ckptbench
