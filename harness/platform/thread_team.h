// A few threads that share the items of one loop: the caller and helpers that sleep between loops.
// Helpers start with the first loop that can use them, because a strategy may be built before its
// process forks. A helper that wakes too late is not waited for. Owned by a strategy; the
// destructor joins.
// Threads: one loop at a time, from any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "harness/core/error.h"

namespace ckptbench {

class ThreadTeam {
 public:
  // `size` threads in all, the caller of run() included.
  explicit ThreadTeam(uint64_t size) : size_(size) {}
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  uint64_t size() const { return size_; }

  // Starts the helpers that a loop of this many items will use, so that it need not.
  void start(uint64_t items);

  // (item, member): member is in [0, size()), for what each thread owns.
  using Body = std::function<Status(uint64_t, uint64_t)>;

  // Calls body once for every item in [0, items), ascending per member, and returns when all calls
  // have returned. After a failure no further item is begun; the first failure is the result, the
  // first exception is thrown again here.
  Status run(uint64_t items, const Body& body);

 private:
  struct Loop;
  void help(uint64_t member);
  void start_helpers(uint64_t wanted);

  const uint64_t size_;
  std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  Loop* loop_ = nullptr;
  uint64_t loop_number_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> helpers_;
};

}  // namespace ckptbench
