#include "harness/platform/thread_team.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>

namespace ckptbench {

struct ThreadTeam::Loop {
  Loop(uint64_t count, const Body& each, uint64_t helper_count)
      : items(count), body(each), helpers(helper_count) {}

  const uint64_t items;
  const Body& body;
  const uint64_t helpers;
  uint64_t active = 0;  // helpers inside, guarded by the team's mutex
  std::atomic<uint64_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;  // guards the two below
  Status status;
  std::exception_ptr thrown;

  void take_items(uint64_t member) {
    while (!failed) {
      const uint64_t item = next.fetch_add(1);
      if (item >= items) return;
      take(item, member);
    }
  }

  void take(uint64_t item, uint64_t member) {
    try {
      const Status done = body(item, member);
      if (done) return;
      const std::lock_guard lock(mutex);
      if (status) status = done;
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!thrown) thrown = std::current_exception();
    }
    failed = true;
  }
};

ThreadTeam::~ThreadTeam() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

// REQUIRES: mutex_ held. A machine that has no thread left is served by fewer.
void ThreadTeam::start_helpers(uint64_t wanted) {
  try {
    while (helpers_.size() < wanted) {
      helpers_.emplace_back([this, member = helpers_.size() + 1] { help(member); });
    }
  } catch (const std::system_error&) {
  }
}

void ThreadTeam::start(uint64_t items) {
  const std::lock_guard lock(mutex_);
  start_helpers(std::max<uint64_t>(1, std::min(size_, items)) - 1);
}

Status ThreadTeam::run(uint64_t items, const Body& body) {
  if (items == 0) return {};
  Loop loop(items, body, std::min(size_, items) - 1);
  if (loop.helpers > 0) {
    const std::lock_guard lock(mutex_);
    start_helpers(loop.helpers);
    loop_ = &loop;
    ++loop_number_;
    changed_.notify_all();
  }
  loop.take_items(0);
  if (loop.helpers > 0) {
    std::unique_lock lock(mutex_);
    loop_ = nullptr;
    changed_.wait(lock, [&] { return loop.active == 0; });
  }
  if (loop.thrown) std::rethrow_exception(loop.thrown);
  return loop.status;
}

void ThreadTeam::help(uint64_t member) {
  uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || (loop_ && loop_number_ != seen); });
    if (stopping_) return;
    seen = loop_number_;
    Loop* const loop = loop_;
    if (member > loop->helpers) continue;
    ++loop->active;
    lock.unlock();
    loop->take_items(member);
    lock.lock();
    if (--loop->active == 0) changed_.notify_all();
  }
}

}  // namespace ckptbench
