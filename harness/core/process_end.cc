#include "harness/core/process_end.h"

#include <fmt/format.h>

#include <csignal>

#include "harness/core/job.h"

namespace ckptbench {

std::string describe(const ProcessEnd& end) {
  if (end.timed_out) return "was killed at its deadline";
  if (end.over_limit) {
    return fmt::format("still made progress after {} times its deadline, and was ended",
                       kMostDeadlines);
  }
  if (end.signal == SIGKILL) {
    return "died by signal 9, which neither a fault nor a deadline sent: the kernel (out of "
           "memory) or another process did";
  }
  if (end.signal != 0) return fmt::format("died by signal {}", end.signal);
  if (end.exited) return fmt::format("exited with code {}", end.exit_code);
  return "was not started, or left no exit status";
}

}  // namespace ckptbench
