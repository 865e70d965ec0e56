// Which tensors a save of some contents holds: all of the state, or its weights alone. The one
// source of this, for the pipeline and for what is measured of it. Free function; any thread.
#pragma once

#include <vector>

#include "harness/core/cell.h"
#include "harness/core/tensor_view.h"

namespace ckptbench {

// Where several of the tensors are aliases of one that is left out, the first of them is stored
// itself and stands for it; the others are aliases of that first (tensor_match.cc reads them so).
std::vector<TensorView> saved_tensors(const StateView& state, Contents contents);

}  // namespace ckptbench
