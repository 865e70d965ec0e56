// The update of workloads/adamw.h for tensors of the state wherever they lie: the fused loop in
// host memory, split over torch's threads; torch operations on a GPU. One training thread.
#pragma once

#include <ATen/ATen.h>

#include "harness/core/tensor_view.h"
#include "workloads/adamw.h"

namespace ckptbench {

// One tensor's share of the state. `low` (bfloat16 weights) only with a master copy.
struct AdamWTensors {
  const TensorView* low = nullptr;
  const TensorView* parameter = nullptr;  // float32, like the rest
  const TensorView* moment1 = nullptr;
  const TensorView* moment2 = nullptr;
  const TensorView* gradient = nullptr;
};

void adamw_update(const AdamWScalars& scalars, const AdamWTensors& tensors, at::Device device);

}  // namespace ckptbench
