// How the library is armed: by a call from inside the process, or by the environment at load time.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faults/preload/hook.h"

CKPT_HOOK int ckptfault_arm(const char* root, const char* rule, int log_fd) {
  return ckptfault::arm(root, rule, log_fd);
}

namespace {

// Above the numbers that programs use and close by hand.
constexpr int kLogDescriptor = 900;

__attribute__((constructor)) void arm_from_environment() {
  const char* root = ::getenv("CKPTFAULT_ROOT");
  if (root == nullptr || root[0] == '\0') return;
  const char* log = ::getenv("CKPTFAULT_LOG");
  const char* rule = ::getenv("CKPTFAULT_RULE");
  const long fd = ::syscall(SYS_openat, AT_FDCWD, log == nullptr ? "" : log,
                            O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  long high = fd < 0 ? fd : ::syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, kLogDescriptor);
  if (high >= 0) ::syscall(SYS_close, fd);
  if (high < 0) high = fd;  // a low limit on descriptors: then it stays where it is
  if (high < 0)
    ckptfault::complain("CKPTFAULT_LOG cannot be opened", log == nullptr ? "unset" : log);
  // A run that was to meet a fault and does not is worse than none: end it before it starts.
  if (high < 0 || ckptfault::arm(root, rule, static_cast<int>(high)) != 0) ::_exit(4);
}

}  // namespace
