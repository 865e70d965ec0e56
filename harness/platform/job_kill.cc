#include "harness/platform/job_kill.h"

#include <signal.h>
#include <unistd.h>

namespace ckptbench {

JobKill JobKill::of_this_process() {
  const pid_t own = ::getpid();
  return JobKill(::getpgrp() == own ? -own : own);
}

void JobKill::kill() const {
  ::kill(target_, SIGKILL);
  ::kill(::getpid(), SIGKILL);  // it may have left the group
  for (;;) ::pause();  // the signal may land on another thread first; nothing may run on here
}

}  // namespace ckptbench
