#include "workloads/threads.h"

#include <ATen/Parallel.h>

namespace ckptbench {

void set_training_threads(int threads) {
  at::set_num_threads(threads);
}

}  // namespace ckptbench
