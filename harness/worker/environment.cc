#include "harness/worker/environment.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "harness/core/error.h"

namespace ckptbench {

void ensure_thread_environment(uint64_t threads, char** arguments) {
  const std::string wanted = std::to_string(threads);
  bool right = true;
  for (const char* name : {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"}) {
    const char* given = ::getenv(name);
    if (given != nullptr && wanted == given) continue;
    right = false;
    ::setenv(name, wanted.c_str(), 1);
  }
  if (right) return;
  ::execv("/proc/self/exe", arguments);
  throw ExitError(ExitCode::kEnvironment, std::string("/proc/self/exe: ") + std::strerror(errno));
}

}  // namespace ckptbench
