// Reads again what an error of the environment kept from being read: another thread may have given
// back a descriptor or memory by then. What is damaged or gone is not tried again. Free function;
// any thread.
#pragma once

#include <chrono>
#include <thread>

#include "harness/platform/io_result.h"

namespace ckptbench {

inline constexpr int kIoTries = 4;
inline constexpr std::chrono::milliseconds kIoPause{50};

// read: returns an IoResult or IoStatus; the last one is the result.
template <class Read>
auto with_retries(const Read& read) {
  auto outcome = read();
  for (int tries = 1; tries < kIoTries && !outcome; ++tries) {
    if (outcome.error().fault != IoFault::kEnvironment) break;
    std::this_thread::sleep_for(kIoPause);
    outcome = read();
  }
  return outcome;
}

}  // namespace ckptbench
