#include "harness/train/grace_watch.h"

#include <utility>

#include "harness/platform/clock.h"
#include "harness/train/terminate_signal.h"

namespace ckptbench {
namespace {

// A signal handler can wake no thread that waits for a condition: the time of its arrival is looked
// for.
constexpr auto kLook = std::chrono::milliseconds(10);

std::chrono::nanoseconds left(std::chrono::nanoseconds grace) {
  return std::chrono::nanoseconds(terminate_arrived_ns() - now_ns()) + grace;
}

}  // namespace

GraceWatch::GraceWatch(std::chrono::nanoseconds grace, std::function<void()> end)
    : end_(std::move(end)), thread_([this, grace] { watch(grace); }) {}

GraceWatch::~GraceWatch() {
  stop();
}

void GraceWatch::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void GraceWatch::watch(std::chrono::nanoseconds grace) {
  std::unique_lock lock(mutex_);
  const auto stopped = [this] { return stopped_; };
  while (terminate_arrived_ns() == 0) {
    if (changed_.wait_for(lock, kLook, stopped)) return;
  }
  if (changed_.wait_for(lock, left(grace), stopped)) return;
  end_();
}

}  // namespace ckptbench
