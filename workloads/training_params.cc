#include "workloads/training_params.h"

#include <cmath>

#include "harness/core/error.h"

namespace ckptbench {

std::vector<ParamInfo> training_params(const TrainingDefaults& defaults) {
  constexpr double kMany = 1e9;
  return {
      {"batch", ParamType::kInteger, defaults.batch, "samples per micro-step", {}, 1, 1e6},
      {"accumulate",
       ParamType::kInteger,
       defaults.accumulate,
       "micro-steps per update",
       {},
       1,
       1e4},
      {"lr", ParamType::kReal, defaults.learning_rate, "peak learning rate", {}, 0, 10},
      {"weight_decay",
       ParamType::kReal,
       defaults.weight_decay,
       "of AdamW, matrices only",
       {},
       0,
       1},
      {"dropout", ParamType::kReal, defaults.dropout, "share of values dropped", {}, 0, 0.9},
      {"clip", ParamType::kReal, defaults.clip, "largest L2 norm of the gradient; 0: off", {}, 0},
      {"warmup", ParamType::kInteger, defaults.warmup, "steps of linear warm-up", {}, 0, kMany},
      {"total_steps",
       ParamType::kInteger,
       defaults.total_steps,
       "steps until the cosine schedule is at its floor",
       {},
       1,
       kMany},
      {"loss_scale",
       ParamType::kReal,
       defaults.loss_scale,
       "first factor of the loss, a power of two; 0: no scaling",
       {},
       0,
       0x1.0p100},
      {"growth_interval",
       ParamType::kInteger,
       defaults.growth_interval,
       "updates without overflow until the loss scale doubles",
       {},
       1,
       kMany},
  };
}

TrainingOptions training_options(const Params& params, int64_t train_samples) {
  TrainingOptions options;
  options.batch = params.integer("batch");
  options.accumulate = params.integer("accumulate");
  options.dropout = params.real("dropout");
  options.clip = params.real("clip");
  options.adamw.weight_decay = params.real("weight_decay");
  options.schedule.peak = params.real("lr");
  options.schedule.warmup_steps = params.integer("warmup");
  options.schedule.total_steps = params.integer("total_steps");
  options.scaler.initial = params.real("loss_scale");
  options.scaler.growth_interval = params.integer("growth_interval");
  if (options.scaler.is_on() &&
      std::exp2(std::rint(std::log2(options.scaler.initial))) != options.scaler.initial) {
    throw ExitError(ExitCode::kUsage,
                    "workload parameter 'loss_scale': " + std::to_string(options.scaler.initial) +
                        ", expected 0 or a power of two");
  }
  if (options.batch > train_samples) {
    throw ExitError(ExitCode::kUsage,
                    "workload parameter 'batch': " + std::to_string(options.batch) +
                        ", expected at most the " + std::to_string(train_samples) +
                        " training samples");
  }
  return options;
}

}  // namespace ckptbench
