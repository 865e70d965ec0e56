// Which tensor of a checkpoint fills which tensor of a state. Plain values; no thread rule.
#pragma once

#include <string>
#include <vector>

#include "harness/core/tensor_view.h"
#include "strategies/format/manifest.h"

namespace ckptbench {

// The chunks of `from` fill `to`. Both borrowed.
struct Fill {
  const ManifestTensor* from = nullptr;
  const TensorView* to = nullptr;
};

struct StateMatch {
  std::vector<Fill> fills;
  std::vector<std::string> missing;     // names of the state that the checkpoint lacks
  std::vector<std::string> unexpected;  // the other way round
  std::vector<std::string> conflicts;  // "NAME: F32 [10, 4] in the checkpoint, …": cannot be filled
};

StateMatch match(const Manifest& manifest, const StateView& state);

// "a, b, c and 4 more".
std::string join_some(const std::vector<std::string>& names);

}  // namespace ckptbench
