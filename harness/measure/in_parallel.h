// A loop shared by threads that start with it and end with it: for the probes, whose threads are
// part of what they time. Owns nothing beyond the call.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "harness/core/error.h"

namespace ckptbench {

// Calls work(thread, block) for every block, and keeps the first failure.
template <class Work>
Status in_parallel(uint64_t threads, uint64_t blocks, Work work) {
  std::atomic<uint64_t> next{0};
  std::mutex mutex;
  Status first_failure;
  const auto loop = [&](uint64_t thread) {
    for (uint64_t block = next++; block < blocks; block = next++) {
      const Status status = work(thread, block);
      if (status) continue;
      next = blocks;
      const std::lock_guard lock(mutex);
      if (first_failure) first_failure = status;
    }
  };
  std::vector<std::jthread> others;
  for (uint64_t i = 1; i < threads; ++i) others.emplace_back(loop, i);
  loop(0);
  others.clear();
  return first_failure;
}

}  // namespace ckptbench
