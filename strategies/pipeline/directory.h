// The checkpoints of one strategy: its store, the next sequence number and what a new checkpoint
// may refer to. Saves commit here from one thread while the training thread lists and restores and
// the retention thread deletes.
// Threads: any. No file is opened, read or written while the mutex is held.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <vector>

#include "harness/core/error.h"
#include "strategies/api/strategy.h"
#include "strategies/encode/chunk_index.h"
#include "strategies/format/manifest.h"
#include "strategies/pipeline/catalog.h"
#include "strategies/pipeline/retention.h"
#include "strategies/store/store.h"

namespace ckptbench {

class Directory {
 public:
  enum class Access { kWriter, kReader };
  // Reads names alone, however many checkpoints there are. index: null where checkpoints refer to
  // no other. Errors: the store cannot be listed.
  static Result<std::unique_ptr<Directory>> open(std::unique_ptr<Store> store, ChunkIndex* index,
                                                 Access access = Access::kWriter);

  struct Begun {
    uint64_t seq = 0;
    std::unique_ptr<WriteSet> set;
  };
  // The next number, never given twice, and its write set. One at a time.
  Result<Begun> begin(uint64_t expected_bytes);
  // Publishes; from here on the checkpoint is listed and later ones may refer to it.
  // REQUIRES: begun.set->sync() succeeded. Errors: the store's; a manifest that the decoder would
  // refuse.
  Status commit(Begun& begun, const Manifest& manifest);
  // Removes what was written, now or with the next retention. Does nothing after a commit that
  // succeeded.
  void abandon(Begun& begun);

  // All that the store lists, newest first, but for what is unfinished and what this process is
  // still publishing: its record may have its name already, and is durable only once the directory
  // is. Errors: it cannot be listed.
  Result<std::vector<uint64_t>> stored() const;
  // What stored() lists, without those about to be deleted and those whose record's head cannot be
  // read. The directory remembers which checkpoints it has listed here: a retention deletes only
  // those, and ones that this process has committed up to the newest of them or of those to keep.
  Result<std::vector<CheckpointInfo>> list();
  // A checkpoint whose every byte was just verified.
  void trust(std::shared_ptr<const Manifest> manifest);

  // Makes a retention request out of `seqs`, the checkpoints to keep. Until claim() or withdraw()
  // is called with it, no claim() of another request takes what this one keeps. Errors: `seqs` is
  // empty, or names a checkpoint that is not there.
  Result<RetentionRequest> request(std::span<const uint64_t> seqs);
  // REQUIRES: of request(), and not claimed.
  void withdraw(const RetentionRequest& request);
  // Checkpoints of which an earlier attempt to delete them left files, newest first. Their records
  // are deleted, unless that could not be found out. claim() leaves alone what they need.
  std::vector<uint64_t> unfinished() const;
  // The checkpoint itself, and what it needs as far as that is known.
  std::set<uint64_t> needed_by(uint64_t seq) const;
  // Decides what is to be deleted, newest first. From here on no save refers to any of it and
  // list() leaves it out. REQUIRES: of request(), and once.
  Result<std::vector<CheckpointInfo>> claim(const RetentionRequest& request);
  // Deletes a claimed or unfinished checkpoint.
  Status drop(uint64_t seq);
  // Ends the claim: what was claimed and not dropped is listed again and may be referred to.
  void end_claim();

  // Checkpoints committed since opening.
  uint64_t commits() const;
  // Checkpoints dropped since opening.
  uint64_t drops() const;

  Store& store() { return *store_; }

 private:
  Directory(std::unique_ptr<Store> store, ChunkIndex* index, Access access,
            const std::vector<uint64_t>& seqs);
  bool is_whole(uint64_t seq) const;
  Result<std::vector<uint64_t>> offered();
  std::set<uint64_t> known_beside(uint64_t newest_kept) const;
  void note(std::shared_ptr<const Manifest> manifest);
  Result<std::vector<CatalogEntry>> verified_entries();
  Status drop_files(uint64_t seq);
  bool is_listed(uint64_t seq) const;

  const std::unique_ptr<Store> store_;
  Catalog catalog_;
  mutable std::mutex mutex_;  // guards the members below
  ChunkIndex* const index_;
  const uint64_t first_seq_;  // that this process may give
  uint64_t next_seq_;
  uint64_t commits_ = 0;
  // A checkpoint, and what it needs: itself and others.
  using Needs = std::map<uint64_t, std::set<uint64_t>>;
  std::set<uint64_t> begun_;       // and not decided: becomes live or unfinished
  Needs needs_of_begun_;           // for the same, should it become unfinished
  std::set<uint64_t> live_;        // stored, and not claimed
  std::set<uint64_t> claimed_;     // not yet dropped
  Needs unfinished_;               // without a record, as far as is known, and with files left
  uint64_t drops_ = 0;             // since opening
  std::multiset<uint64_t> asked_;  // what requests that are not claimed yet keep
  std::set<uint64_t> shown_;       // by list(), and not dropped
  std::set<uint64_t> pinned_;      // what the save in flight refers to
};

}  // namespace ckptbench
