// The part of a state that a policy saves: all of it, or its weights alone. Free function; any
// thread.
#pragma once

#include "harness/core/cell.h"
#include "harness/core/tensor_view.h"

namespace ckptbench {

StateView saved_part(const StateView& state, Contents contents);

}  // namespace ckptbench
