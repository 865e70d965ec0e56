// The checkpoints of one strategy: its store, the next sequence number and, for deduplication, what
// a new checkpoint may refer to. The background thread of a staged save commits here while the
// training thread lists, restores and prunes, so everything that the store wants from one thread at
// a time passes through here.
// Threads: any.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/observer.h"
#include "strategies/encode/dedup_index.h"
#include "strategies/format/manifest.h"
#include "strategies/pipeline/catalog.h"
#include "strategies/store/store.h"

namespace ckptbench {

class Directory {
 public:
  // index: null without deduplication. Errors: the store cannot be listed.
  static Result<std::unique_ptr<Directory>> open(std::unique_ptr<Store> store, DedupIndex* index);

  struct Begun {
    uint64_t seq = 0;
    std::unique_ptr<WriteSet> set;
  };
  // The next number, never given twice, and its write set. One at a time.
  Result<Begun> begin(uint64_t expected_bytes);
  // Publishes; from here on the checkpoint is listed and later ones may refer to it.
  // REQUIRES: begun.set->sync() succeeded.
  Status commit(Begun& begun, Manifest manifest);
  // Removes what was written. Does nothing after a commit that succeeded.
  void abandon(Begun& begun);

  // What the caller learns of here, retain() may delete.
  Result<Catalog> catalog();
  // A checkpoint whose every byte was just verified.
  void trust(const Catalog& catalog, std::shared_ptr<const Manifest> manifest);
  // Keeps these, all they need, and what is newer than the newest that the caller can know of: a
  // save in the background may commit between its catalog() and its retain(). Tells the observer
  // of each deletion first.
  Status retain(std::span<const uint64_t> seqs, Observer& observer);

  Store& store() { return *store_; }

 private:
  Directory(std::unique_ptr<Store> store, DedupIndex* index, uint64_t next_seq)
      : store_(std::move(store)), index_(index), next_seq_(next_seq) {}

  std::mutex mutex_;
  std::unique_ptr<Store> store_;
  DedupIndex* const index_;
  uint64_t next_seq_;
  uint64_t shown_seq_ = 0;     // the newest that catalog() has shown
  std::set<uint64_t> pinned_;  // what the save in flight refers to
};

}  // namespace ckptbench
