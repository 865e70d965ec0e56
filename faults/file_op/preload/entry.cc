// How the library is armed: by a call from inside the process, or by the environment at load time.
#include <stdlib.h>
#include <unistd.h>

#include "faults/file_op/preload/hook.h"
#include "faults/file_op/preload/stamps.h"

CKPT_HOOK int ckptfault_arm(const char* root, const char* rule, const char* log) {
  return ckptfault::arm(root, rule, log, nullptr);
}

CKPT_HOOK void ckptfault_settle() {
  ckptfault::log_stamps();
}

CKPT_HOOK uint64_t ckptfault_changes(char* last, size_t size) {
  return ckptfault::changes_so_far(last, size);
}

namespace {

__attribute__((constructor)) void arm_from_environment() {
  const char* root = ::getenv("CKPTFAULT_ROOT");
  if (root == nullptr || root[0] == '\0') return;
  // A run that was to meet a fault and does not is worse than none: end it before it starts.
  if (ckptfault::arm(root, ::getenv("CKPTFAULT_RULE"), ::getenv("CKPTFAULT_LOG"),
                     ::getenv("CKPTFAULT_SHARED")) != 0) {
    ::_exit(4);
  }
}

}  // namespace
