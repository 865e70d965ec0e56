// Notes when SIGTERM arrives, for a policy that saves within a grace period. Installed by the
// training loop where the policy asks for it; otherwise SIGTERM ends the process as usual.
// The kernel knows one handler per process: the arrival time is process-wide.
#pragma once

#include <cstdint>

namespace ckptbench {

void install_terminate_handler();
// Monotonic ns of the first SIGTERM; 0: none so far. Any thread.
int64_t terminate_arrived_ns();

}  // namespace ckptbench
