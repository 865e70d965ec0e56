// Copies named tensors that a library has loaded into the training state, with the checks that the
// libraries leave to their caller: names, dtypes and shapes. Any thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>

#include "strategies/api/strategy.h"

namespace ckptbench {

// Checks everything before it copies anything. An alias may be absent where its target is present.
// Refused: a dtype or shape differs; or, unless `partial`, a name is missing or unexpected.
// Throws c10::Error when a copy itself fails.
RestoreOutcome copy_named(const std::map<std::string, at::Tensor>& loaded, StateView& state,
                          bool partial, uint64_t step);

}  // namespace ckptbench
