// shapes: a synthetic training state with the tensors of a published language model in mixed
// precision: bfloat16 weights, float32 master weights and two float32 moments (14 bytes per
// parameter), updated by real AdamW on seeded gradients after a given compute time per step. The
// state has no model behind it: gradients are noise, the loss is the mean square of a sample of the
// master weights. The dynamic loss scale is kept as trainers keep it; it is a power of two, so
// scaling and unscaling change no gradient. One training thread.
#pragma once

#include <memory>
#include <string>

#include "workloads/workload.h"

namespace ckptbench {

WorkloadInfo shapes_info();
// Throws ExitError(kUsage) when `bytes` does not fit the model.
std::unique_ptr<Workload> make_shapes(const Params& params, const std::string& device);

}  // namespace ckptbench
