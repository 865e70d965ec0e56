// A TensorView as an at::Tensor over the very same bytes. The tensor borrows: the view's bytes must
// outlive it. Any thread.
#pragma once

#include <ATen/core/Tensor.h>

#include "harness/core/tensor_view.h"

namespace ckptbench {

c10::ScalarType scalar_type(DType dtype);

// REQUIRES: the whole tensor is local (no pieces).
at::Tensor blob_of(const TensorView& view);

// All tensors of the view in its order. An alias becomes the same at::Tensor storage as its target,
// so that a library which deduplicates storages sees what it would see in a real model.
std::vector<at::Tensor> blobs_of(const StateView& state);

}  // namespace ckptbench
