#include "harness/platform/until.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "harness/core/error.h"

namespace ckptbench {
namespace {

// Rounded up, so that the deadline has truly passed when poll gives up.
int remaining_ms(const Until& until) {
  using std::chrono::milliseconds;
  const auto left = until.deadline - Until::Clock::now();
  const auto whole = std::chrono::ceil<milliseconds>(left).count();
  return static_cast<int>(std::clamp<int64_t>(whole, 0, 1'000'000'000));
}

WaitEnd wait_for(int fd, short events, const Until& until) {
  for (;;) {
    pollfd polled[2] = {{fd, events, 0}, {until.interrupt_fd, POLLIN, 0}};
    const int timeout_ms = remaining_ms(until);
    const int ready = ::poll(polled, 2, timeout_ms);
    if (ready < 0 && errno != EINTR) {
      throw ExitError(ExitCode::kHarness, std::string("poll: ") + std::strerror(errno));
    }
    if (ready > 0 && polled[0].revents != 0) return WaitEnd::kReady;
    if (ready > 0 && polled[1].revents != 0) return WaitEnd::kInterrupted;
    if (ready == 0 && timeout_ms == 0) return WaitEnd::kDeadline;
  }
}

}  // namespace

Until Until::seconds(double seconds, int interrupt_fd) {
  // Beyond a year the clock's representation would be at risk, and no wait is that long.
  const double bounded = std::clamp(seconds, 0.0, 3e7);
  const auto span =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(bounded));
  return {Clock::now() + span, interrupt_fd};
}

WaitEnd wait_readable(int fd, const Until& until) {
  return wait_for(fd, POLLIN, until);
}
WaitEnd wait_writable(int fd, const Until& until) {
  return wait_for(fd, POLLOUT, until);
}

}  // namespace ckptbench
