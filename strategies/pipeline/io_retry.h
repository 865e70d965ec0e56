// Reads again what an error of the environment kept from being read: another thread may have given
// back a descriptor or memory by then. What is damaged or gone is not tried again, nor what needs a
// permission. Owned by one call, which pauses few times however many records it reads; one thread.
#pragma once

#include <cerrno>
#include <chrono>
#include <new>
#include <thread>

#include "harness/platform/io_result.h"

namespace ckptbench {

class IoRetries {
 public:
  static constexpr int kPauses = 3;
  static constexpr std::chrono::milliseconds kPause{50};

  // read: returns an IoResult or IoStatus; the last one is the result. That there is no memory for
  // it is an error of the environment too.
  template <class Read>
  auto operator()(const Read& read) {
    auto outcome = try_once(read);
    while (!outcome && may_pass(outcome.error()) && pauses_left_ > 0) {
      --pauses_left_;
      std::this_thread::sleep_for(kPause);
      outcome = try_once(read);
    }
    return outcome;
  }

 private:
  static bool may_pass(const IoError& error) {
    return error.fault == IoFault::kEnvironment && error.code != EACCES && error.code != EPERM;
  }

  template <class Read>
  static auto try_once(const Read& read) -> decltype(read()) {
    try {
      return read();
    } catch (const std::bad_alloc&) {
      return environment_error(Error{"no memory"});
    }
  }

  int pauses_left_ = kPauses;
};

}  // namespace ckptbench
