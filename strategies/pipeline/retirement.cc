#include "strategies/pipeline/retirement.h"

#include <fmt/format.h>

#include <exception>
#include <new>
#include <system_error>
#include <utility>

#include "harness/platform/trace.h"

namespace ckptbench {
namespace {

constexpr const char* kNoMemoryToRetain = "retain: no memory";

}  // namespace

Retirement::~Retirement() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (worker_.joinable()) worker_.join();
}

Status Retirement::retain(std::span<const uint64_t> seqs) {
  try {
    // All that can fail, before anything is recorded.
    const Status started = start_worker();
    if (!started) return started;
    Result<RetentionRequest> request = directory_.request(seqs);
    if (!request) return request.error();
    std::unique_lock lock(mutex_);
    enqueue(std::move(request).value());
    changed_.notify_all();
    changed_.wait(lock, [this] { return may_return(); });
    return take_failure();
  } catch (const std::bad_alloc&) {
    return Error{kNoMemoryToRetain};
  }
}

Status Retirement::start_worker() {
  const std::lock_guard lock(mutex_);
  if (worker_.joinable()) return {};
  try {
    worker_ = std::thread([this] { work(); });
  } catch (const std::system_error& error) {
    return Error{fmt::format("retain: no thread to delete: {}", error.what())};
  }
  return {};
}

// REQUIRES: mutex_ held.
void Retirement::enqueue(RetentionRequest request) {
  const uint64_t commits = directory_.commits();
  Job job{.request = std::move(request), .commits = commits - counted_commits_};
  counted_commits_ = commits;
  if (queued_) {
    directory_.withdraw(queued_->request);
    job.commits += queued_->commits;
  }
  queued_ = std::move(job);
}

Status Retirement::drain() {
  wait_until_idle();
  const std::lock_guard lock(mutex_);
  return take_failure();
}

void Retirement::wait_until_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_idle(); });
}

// REQUIRES: mutex_ held.
Status Retirement::take_failure() {
  if (!failure_) return {};
  return *std::exchange(failure_, std::nullopt);
}

// REQUIRES: mutex_ held.
bool Retirement::may_return() const {
  const uint64_t commits = (running_ ? running_->commits : 0) + (queued_ ? queued_->commits : 0);
  return commits <= kMaxBacklog;
}

void Retirement::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || queued_; });
    if (stopping_) return;
    running_ = std::exchange(queued_, std::nullopt);
    lock.unlock();
    Status status;
    try {
      status = carry_out(running_->request);
    } catch (const std::exception& error) {
      status = Error{fmt::format("retain: {}", error.what())};
    }
    directory_.end_claim();
    lock.lock();
    running_.reset();
    if (!status && !failure_) failure_ = status.error();
    changed_.notify_all();
  }
}

Status Retirement::carry_out(const RetentionRequest& request) {
  const PhaseScope prune(trace_, Phase::kPrune);
  Status outcome = finish_earlier();
  const Result<std::vector<CheckpointInfo>> drop = directory_.claim(request);
  if (!drop) return outcome ? Status(drop.error()) : outcome;
  // One that cannot be deleted does not keep the others, but for those that it needs.
  std::set<uint64_t> spared;
  for (const CheckpointInfo& info : drop.value()) {
    if (is_stopping()) break;
    if (spared.contains(info.seq)) continue;
    if (reported_.insert(info.seq).second) observer_.retired(info.step, info.seq);
    std::set<uint64_t> needs = directory_.needed_by(info.seq);
    const Status dropped = directory_.drop(info.seq);
    if (dropped) {
      reported_.erase(info.seq);
      count_down();
    } else {
      spared.merge(needs);
      if (outcome) outcome = dropped;
    }
  }
  return outcome;
}

bool Retirement::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

// These were reported when their record went, or were never durable.
Status Retirement::finish_earlier() {
  Status outcome;
  try {
    for (const uint64_t seq : directory_.unfinished()) {
      const Status dropped = directory_.drop(seq);
      if (dropped) reported_.erase(seq);
      if (!dropped && outcome) outcome = dropped;
    }
  } catch (const std::bad_alloc&) {
    // The request behind it is to be claimed all the same.
    return Error{kNoMemoryToRetain};
  }
  return outcome;
}

// Each deletion makes room for one commit, also for one that came after the request.
void Retirement::count_down() {
  const std::lock_guard lock(mutex_);
  Job& job = queued_ && running_->commits == 0 ? *queued_ : *running_;
  if (job.commits > 0) --job.commits;
  changed_.notify_all();
}

}  // namespace ckptbench
