// The parameters that all workloads with a TrainingJob share, and their options. Free functions.
#pragma once

#include <string>
#include <vector>

#include "harness/core/params.h"
#include "workloads/training_job.h"

namespace ckptbench {

struct TrainingDefaults {
  std::string batch, accumulate, learning_rate, weight_decay, dropout, clip, warmup, total_steps;
  std::string loss_scale = "0";
  std::string growth_interval = "2000";
};

std::vector<ParamInfo> training_params(const TrainingDefaults& defaults);
// Throws ExitError(kUsage) when one batch is larger than the training set.
TrainingOptions training_options(const Params& params, int64_t train_samples);

}  // namespace ckptbench
