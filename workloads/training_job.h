// A Workload that trains a TorchModel: shuffled loader, gradient accumulation and clipping, loss
// scaling, AdamW, warm-up + cosine schedule. Everything that decides the next step lies in its
// TrainingState. One training thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "workloads/adamw.h"
#include "workloads/loss_scaler.h"
#include "workloads/schedule.h"
#include "workloads/torch_device.h"
#include "workloads/torch_model.h"
#include "workloads/training_state.h"
#include "workloads/workload.h"

namespace ckptbench {

struct TrainingOptions {
  int64_t batch = 32;      // samples per micro-step; REQUIRES: at most the training set
  int64_t accumulate = 1;  // micro-steps per update
  double dropout = 0;      // share of values dropped
  double clip = 0;         // largest global L2 norm of the gradient; 0: off
  AdamW adamw;
  Schedule schedule;
  LossScaler scaler;
};

class TrainingJob : public Workload {
 public:
  // device: "cpu" | "cuda". Throws ExitError(kEnvironment) where there is no such device.
  TrainingJob(std::unique_ptr<TorchModel> model, const TrainingOptions& options,
              const std::string& device);

  void init(uint64_t seed) override;
  StepResult step(UpdateHook& hook) override;
  StateView& state() override;
  void load() override;
  std::optional<double> evaluate() override;

 private:
  void fill(const TrainingLayout& layout);
  void bind(const TrainingLayout& layout);
  void start_epoch();
  bool next_batch();  // into samples_; true when it was the epoch's last
  // One loss for each micro-step, where the model is.
  std::vector<at::Tensor> accumulate(StepResult& result);
  at::Tensor forward(const Dropout& dropout);
  void backward(const at::Tensor& loss);
  bool unscale_gradients();  // false: they overflowed, and this update is to be skipped
  void clip_gradients();
  void update(UpdateHook& hook);
  void update_slot(size_t slot, double learning_rate);
  void skip_update(UpdateHook& hook);

  std::unique_ptr<TorchModel> model_;
  TrainingOptions options_;
  at::Device device_;
  std::optional<Generators> generators_;  // from init() on, like the next
  std::optional<TrainingState> state_;
  std::vector<bool> decays_;
  std::vector<int64_t> samples_;
};

}  // namespace ckptbench
