#include "harness/train/terminate_signal.h"

#include <signal.h>

#include <atomic>

#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

// A signal handler can reach nothing but statics.
std::atomic<int64_t> arrived_ns{0};
static_assert(std::atomic<int64_t>::is_always_lock_free);

void note_arrival(int) {
  int64_t none = 0;
  arrived_ns.compare_exchange_strong(none, now_ns());
}

}  // namespace

void install_terminate_handler() {
  struct sigaction action {};
  action.sa_handler = note_arrival;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGTERM, &action, nullptr);
}

int64_t terminate_arrived_ns() {
  return arrived_ns.load();
}

}  // namespace ckptbench
