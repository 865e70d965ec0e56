// The environment variables that libtorch's thread pools read when they are loaded.
#pragma once

#include <cstdint>

namespace ckptbench {

// Makes sure that this process was started with OMP, MKL and OpenBLAS set to `threads`; otherwise
// sets them and starts this program anew with the same arguments (same process id). Returns when
// they are right. Throws ExitError(kEnvironment) when the program cannot be started.
void ensure_thread_environment(uint64_t threads, char** arguments);

}  // namespace ckptbench
