#include "strategies/pipeline/retirement.h"

#include <fmt/format.h>

#include <exception>

#include "harness/platform/trace.h"

namespace ckptbench {

Retirement::~Retirement() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (worker_.joinable()) worker_.join();
}

Status Retirement::retain(std::span<const uint64_t> seqs) {
  Result<RetentionRequest> request = directory_.request(seqs);
  if (!request) return request.error();
  const uint64_t commits = directory_.commits();
  std::unique_lock lock(mutex_);
  if (!worker_.joinable()) worker_ = std::thread([this] { work(); });
  jobs_.push_back({.request = std::move(request).value(), .commits = commits - counted_commits_});
  counted_commits_ = commits;
  changed_.notify_all();
  changed_.wait(lock, [this] { return may_return(); });
  return take_failure();
}

Status Retirement::drain() {
  wait_until_idle();
  const std::lock_guard lock(mutex_);
  return take_failure();
}

void Retirement::wait_until_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return jobs_.empty(); });
}

// REQUIRES: mutex_ held.
Status Retirement::take_failure() {
  if (!failure_) return {};
  return *std::exchange(failure_, std::nullopt);
}

// REQUIRES: mutex_ held.
bool Retirement::may_return() const {
  uint64_t commits = 0;
  for (const Job& job : jobs_) commits += job.commits;
  return commits <= kMaxBacklog && jobs_.size() <= kMaxBacklog;
}

void Retirement::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    const RetentionRequest request = jobs_.front().request;
    lock.unlock();
    Status status;
    try {
      status = carry_out(request);
    } catch (const std::exception& error) {
      status = Error{fmt::format("retain: {}", error.what())};
    }
    directory_.end_claim();
    lock.lock();
    jobs_.pop_front();
    if (!status && !failure_) failure_ = status.error();
    changed_.notify_all();
  }
}

Status Retirement::carry_out(const RetentionRequest& request) {
  const PhaseScope prune(trace_, Phase::kPrune);
  const Result<std::vector<CheckpointInfo>> drop = directory_.claim(request);
  const Status finished = finish_earlier();
  if (!finished) return finished;
  if (!drop) return drop.error();
  for (const CheckpointInfo& info : drop.value()) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return {};
    }
    if (reported_.insert(info.seq).second) observer_.retired(info.step, info.seq);
    // After a failure the older ones stay: this one may need them.
    const Status dropped = directory_.drop(info.seq);
    if (!dropped) return dropped;
    reported_.erase(info.seq);
    count_down();
  }
  return {};
}

// These were reported when their record went, or were never durable.
Status Retirement::finish_earlier() {
  for (const uint64_t seq : directory_.unfinished()) {
    const Status dropped = directory_.drop(seq);
    if (!dropped) return dropped;
    reported_.erase(seq);
  }
  return {};
}

// Each deletion makes room for one commit.
void Retirement::count_down() {
  const std::lock_guard lock(mutex_);
  if (jobs_.front().commits > 0) --jobs_.front().commits;
  changed_.notify_all();
}

}  // namespace ckptbench
