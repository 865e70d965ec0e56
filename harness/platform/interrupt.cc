#include "harness/platform/interrupt.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

#include "harness/core/error.h"

namespace ckptbench {
namespace {

// A signal handler reaches nothing but statics. Written by the one Interrupt object alone.
std::atomic<int> handler_fd{-1};
std::atomic<int> first_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int number) {
  const int saved = errno;
  int none = 0;
  first_signal.compare_exchange_strong(none, number);
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t told = ::write(handler_fd.load(), &one, sizeof one);
  errno = saved;
}

}  // namespace

Interrupt::Interrupt() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  int none = -1;
  if (!event_ || !handler_fd.compare_exchange_strong(none, event_.get())) {
    throw ExitError(ExitCode::kHarness, event_ ? std::string("a second Interrupt object")
                                               : std::string("eventfd: ") + std::strerror(errno));
  }
  first_signal = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
  ::sigaction(SIGINT, &action, &old_int_);
  ::sigaction(SIGTERM, &action, &old_term_);
  // Every further write to the closed pipe sends one.
  action.sa_flags = static_cast<int>(SA_RESTART);
  ::sigaction(SIGPIPE, &action, &old_pipe_);
}

Interrupt::~Interrupt() {
  ::sigaction(SIGINT, &old_int_, nullptr);
  ::sigaction(SIGTERM, &old_term_, nullptr);
  ::sigaction(SIGPIPE, &old_pipe_, nullptr);
  handler_fd = -1;
}

int Interrupt::signal_number() const {
  return first_signal.load();
}

}  // namespace ckptbench
