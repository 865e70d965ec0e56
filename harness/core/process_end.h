// How a worker process ended. Plain values; any thread.
#pragma once

#include <string>

namespace ckptbench {

struct ProcessEnd {
  bool exited = false;  // exit_code is meaningful
  int exit_code = 0;
  int signal = 0;          // not 0: died by it
  bool timed_out = false;  // killed by us: no progress for the deadline; stacks kept
  std::string stacks_path;
  bool over_limit = false;  // killed by us while it still made progress: the harness's own limit
};

// "exited with code 3", "died by signal 11", "was killed at its deadline".
std::string describe(const ProcessEnd& end);

}  // namespace ckptbench
