#include "harness/measure/saved_part.h"

namespace ckptbench {

StateView saved_part(const StateView& state, Contents contents) {
  StateView saved = state;
  std::erase_if(saved.tensors, [&](const TensorView& tensor) {
    return contents == Contents::kWeights && !is_weight(tensor.role);
  });
  return saved;
}

}  // namespace ckptbench
