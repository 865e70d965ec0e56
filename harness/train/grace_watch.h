// Ends the process in order when the grace period after SIGTERM is over, whatever the training
// thread waits for: a save, an update, the strategy's destructor. Owned by the training loop, which
// ends by itself once stop() has returned. A thread of its own calls `end`, which does not return.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace ckptbench {

class GraceWatch {
 public:
  // REQUIRES: install_terminate_handler() was called; `end` ends the process.
  GraceWatch(std::chrono::nanoseconds grace, std::function<void()> end);
  ~GraceWatch();
  GraceWatch(const GraceWatch&) = delete;
  GraceWatch& operator=(const GraceWatch&) = delete;

  // From here on `end` is not called. Where it has been, this call does not return: the process is
  // about to end.
  void stop();

 private:
  void watch(std::chrono::nanoseconds grace);

  std::function<void()> end_;
  std::mutex mutex_;  // held while `end` runs
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace ckptbench
