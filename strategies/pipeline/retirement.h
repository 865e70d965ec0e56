// Deletes retired checkpoints on a thread of its own: deleting large files takes longer than a
// training step. Requests are carried out one after the other; a newer one takes the place of the
// one that waits, since it alone says what is to stay. The observer is told of each checkpoint
// before its first byte is deleted. One that cannot be deleted is tried again with the next
// request, and keeps no other but those that it needs. The destructor finishes the checkpoint that
// is being deleted and leaves the others, whole and listed, to the next retention of this
// directory; what a crash leaves of a deletion, files without a commit record, is removed when a
// writer opens the directory. Threads: retain() and drain() from the training thread,
// wait_until_idle() from any; the thread starts with the first request.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <thread>

#include "harness/core/error.h"
#include "harness/core/observer.h"
#include "strategies/pipeline/directory.h"

namespace ckptbench {

class Trace;

class Retirement {
 public:
  // So many checkpoints may be committed ahead of deletions; with more, retain() waits, so that the
  // disk does not fill.
  static constexpr uint64_t kMaxBacklog = 4;

  Retirement(Directory& directory, Observer& observer, Trace& trace)
      : directory_(directory), observer_(observer), trace_(trace) {}
  ~Retirement();
  Retirement(const Retirement&) = delete;
  Retirement& operator=(const Retirement&) = delete;

  // Errors: a request that names none or an unknown checkpoint, or for which there is no memory or
  // thread, which changes nothing; else the
  // first failure of an earlier request that was not reported yet, beside which this one is
  // recorded.
  Status retain(std::span<const uint64_t> seqs);
  // Waits until nothing is left to do. Errors: the first failure that was not reported yet.
  Status drain();
  // The same, leaving the failure to be reported.
  void wait_until_idle();

 private:
  struct Job {
    RetentionRequest request;
    // Checkpoints committed since the request before, for which no deletion has made room yet.
    uint64_t commits = 0;
  };

  void work();
  Status start_worker();
  bool is_stopping();
  void enqueue(RetentionRequest request);
  Status carry_out(const RetentionRequest& request);
  Status finish_earlier();
  void count_down();
  bool may_return() const;
  bool is_idle() const { return !running_ && !queued_; }
  Status take_failure();

  Directory& directory_;
  Observer& observer_;
  Trace& trace_;

  std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  std::optional<Job> running_;  // of the thread, but for its commits
  std::optional<Job> queued_;
  bool stopping_ = false;
  uint64_t counted_commits_ = 0;  // of the directory, when the last request came
  std::optional<Error> failure_;
  std::set<uint64_t>
      reported_;  // of the thread: retired once, though its deletion may be tried again
  std::thread worker_;
};

}  // namespace ckptbench
