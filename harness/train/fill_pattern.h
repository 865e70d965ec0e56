// Proof that a restore fills what it must: before it, every byte of the state holds a pattern that
// no training run produces; after it, whatever still holds it was left as it was. Free functions;
// the training thread, with no copy of a strategy in flight.
#pragma once

#include <string>
#include <vector>

#include "harness/core/tensor_view.h"
#include "harness/platform/device.h"

namespace ckptbench {

// Overwrites every tensor but aliases, whose bytes are those of another.
void overwrite_with_pattern(Device& device, StateView& state);

// The names of the tensors in which some bytes still hold the pattern, in state order: eight
// neighbouring bytes, or all of a smaller tensor.
std::vector<std::string> find_unfilled(Device& device, const StateView& state);

}  // namespace ckptbench
