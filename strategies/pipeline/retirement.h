// The deleting: carries out what retention.h decides, on a thread of its own, since deleting large
// files takes longer than a training step. A request says what to keep; the decision gives what to
// delete. Requests are carried out one after the other; a newer one takes the place of the one that
// waits, since it alone says what is to stay. The observer is told of each checkpoint before its
// first byte is deleted: it is retired. One that cannot be deleted is tried again with the next
// request, and keeps no other but those that it needs. The destructor finishes the checkpoint that
// is being deleted and leaves the others, whole and listed, to the next retention of this
// directory; what a crash leaves of a deletion, files without a commit record, is removed when a
// writer opens the directory.
// Words: a caller retains what stays; a request claims what is to be deleted and, where a newer one
// takes its place, is withdrawn; the store drops (deletes) a checkpoint.
// Threads: retain() and drain() from the training thread, wait_until_idle() from any; the thread
// starts with the first request.
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

  // Records which checkpoints to keep. Errors: it names none or an unknown checkpoint, or there is
  // no memory or thread for it: nothing is recorded then. Else the first failure of an earlier
  // request that was not reported yet: this one is recorded all the same.
  Status retain(std::span<const uint64_t> seqs);
  // Waits until nothing is left to do. Errors: the first failure that was not reported yet.
  Status drain();
  // As drain(), but a failure stays to be reported later.
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
