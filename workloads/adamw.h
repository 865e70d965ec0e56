// AdamW (Loshchilov & Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, Algorithm 2, in
// the order of operations of torch.optim.AdamW) as one pass over host memory. Elementwise, so the
// result does not depend on how a tensor is split over threads. Free functions; any thread.
#pragma once

#include <cstdint>

namespace ckptbench {

struct AdamW {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;  // 0 where a tensor is not decayed
};

// The scalars of one update of one tensor:
//   p *= decay; m = beta1·m + (1-beta1)·g; v = beta2·v + (1-beta2)·g²;
//   p -= step_size · m / (sqrt(v)·root_scale + epsilon)
struct AdamWScalars {
  float decay = 1;
  float beta1 = 0;
  float beta2 = 0;
  float step_size = 0;
  float root_scale = 1;
  float epsilon = 0;
};

// step: number of this update, from 1.
AdamWScalars adamw_scalars(const AdamW& options, double learning_rate, int64_t step);

// `count` elements; the arrays do not overlap.
void adamw_update(const AdamWScalars& scalars, float* parameter, float* moment1, float* moment2,
                  const float* gradient, int64_t count);

// The same on the fp32 master copy; `low` receives it rounded to bfloat16, nearest even.
void adamw_update_bf16(const AdamWScalars& scalars, uint16_t* low, float* master, float* moment1,
                       float* moment2, const float* gradient, int64_t count);

}  // namespace ckptbench
