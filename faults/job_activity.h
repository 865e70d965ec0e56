// Signs of life of a running job beneath the preload library: its file operations, and what it
// opens to read, below its checkpoint directory. Asked from another process, while the job runs.
// Owns a descriptor of the memory in which the job counts. One thread.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "harness/platform/unique_fd.h"

namespace ckptbench {

class JobActivity {
 public:
  // `root`: the job's first process, always the same. 0: it counts nothing so far.
  uint64_t look(pid_t root);

 private:
  UniqueFd memory_;
};

}  // namespace ckptbench
