// The processes below one process, read from /proc. Free functions; any thread. What they return is
// a snapshot: processes come and go.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace ckptbench {

// `root` first, then its descendants, nearest first. Only those that still exist.
std::vector<pid_t> process_tree(pid_t root);
// Threads of a process; empty when it is gone.
std::vector<pid_t> threads_of(pid_t process);
// True when that process has a handler of its own for the signal.
bool catches(pid_t process, int signal);

}  // namespace ckptbench
