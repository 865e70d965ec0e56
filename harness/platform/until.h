// How long a wait may last: until a point in time, or until an interrupt. Free functions
// over plain values; any thread. EINTR never ends a wait.
#pragma once

#include <chrono>

namespace ckptbench {

struct Until {
  using Clock = std::chrono::steady_clock;

  Until(Clock::time_point at, int stop_fd = -1)  // NOLINT(google-explicit-constructor)
      : deadline(at), interrupt_fd(stop_fd) {}
  static Until seconds(double seconds, int interrupt_fd = -1);

  Clock::time_point deadline;
  int interrupt_fd = -1;  // ends the wait when it becomes readable (Interrupt::fd()); -1: none
};

enum class WaitEnd { kReady, kDeadline, kInterrupted };

// Until `fd` can be read (or written, or has hung up). The descriptor goes before the interrupt.
WaitEnd wait_readable(int fd, const Until& until);
WaitEnd wait_writable(int fd, const Until& until);

}  // namespace ckptbench
