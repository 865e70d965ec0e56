// Ends a job at once, as the loss of its machine does: every process of it that can be reached,
// none of them with a chance to clean up. A job is the process that armed the fault and, where that
// process leads a process group (the harness starts every job so), the whole group; its forked and
// executed children die with it. Signal-safe, and good in a forked child: it kills the job it was
// made in.
#pragma once

#include <sys/types.h>

namespace ckptbench {

class JobKill {
 public:
  static JobKill of_this_process();
  // Never returns.
  [[noreturn]] void kill() const;

 private:
  explicit JobKill(pid_t target) : target_(target) {}
  pid_t target_;  // as of kill(2): negative is a group
};

}  // namespace ckptbench
