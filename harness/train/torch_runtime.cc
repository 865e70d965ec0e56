#include "harness/train/torch_runtime.h"

#include <ATen/Parallel.h>
#include <torch/headeronly/version.h>

namespace ckptbench {

std::string torch_version() {
  return TORCH_VERSION;
}

uint64_t set_torch_threads(uint64_t threads) {
  at::set_num_threads(static_cast<int>(threads));
  return static_cast<uint64_t>(at::get_num_threads());
}

}  // namespace ckptbench
