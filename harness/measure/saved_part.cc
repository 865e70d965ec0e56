#include "harness/measure/saved_part.h"

#include "strategies/pipeline/saved_tensors.h"

namespace ckptbench {

StateView saved_part(const StateView& state, Contents contents) {
  return {.tensors = saved_tensors(state, contents)};
}

}  // namespace ckptbench
