// Stacks of all threads of a process tree, on demand: each thread writes its own from a handler of
// SIGRTMIN+1. Installed before any job; children made by fork inherit it.
//
// A handler can reach nothing but statics, so where it writes is process-wide.
#pragma once

#include <sys/types.h>

#include <string>

#include "harness/core/error.h"

namespace ckptbench {

int stack_signal();  // SIGRTMIN+1
// From here on the signal makes a thread write its stack to `fd`. Loads what the unwinder needs, so
// that the handler allocates nothing.
void install_stack_handler(int fd);

// Writes the stacks of `root` and everything below it to `path`: a header for each thread (name,
// state, where it waits in the kernel), then its frames where it could still answer. `output` is a
// memory file that their handlers write to. Bounded: a thread that does not answer is said so.
Status collect_stacks(pid_t root, int output, const std::string& path);

}  // namespace ckptbench
