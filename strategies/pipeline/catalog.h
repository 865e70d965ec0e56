// What a store holds, as facts of a few words per checkpoint. Listing reads the first bytes of a
// commit record; retention reads the record once and checks its digest; a restore decodes it, each
// time anew, and keeps nothing here. A writer remembers the facts: while it holds the lease no
// other process writes records, and what a damaged disk changes later is caught by the digests. A
// reader remembers nothing. A record that cannot be read is tried again each time. Lack of memory
// is thrown where nothing is said of retries. Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "strategies/api/strategy.h"
#include "strategies/format/manifest.h"
#include "strategies/pipeline/io_retry.h"
#include "strategies/store/store.h"

namespace ckptbench {

struct CheckpointFacts {
  CheckpointInfo info;
  std::vector<uint64_t> needs;  // older checkpoints whose files it refers to
};

struct CatalogEntry {
  uint64_t seq = 0;
  std::shared_ptr<const CheckpointFacts> facts;  // null: its record cannot be read, or is damaged
  std::string damage;                            // why
};

// These checkpoints and all that they refer to, directly or through one another. `find`: the facts
// of a checkpoint, or null, which then refers to nothing.
using FindFacts = std::function<std::shared_ptr<const CheckpointFacts>(uint64_t)>;
std::set<uint64_t> with_needed(const std::set<uint64_t>& seqs, const FindFacts& find);

IoResult<std::shared_ptr<const Manifest>> read_manifest(Store& store, uint64_t seq);

class Catalog {
 public:
  // remembers: this process alone writes records.
  Catalog(Store& store, bool remembers) : store_(store), remembers_(remembers) {}

  // Newest first, damaged ones among them; no record is opened. Errors: the store cannot be listed.
  Result<std::vector<uint64_t>> seqs() const { return store_.list(); }
  // From the head of the record, which nothing vouches for. retries: of the call that reads it.
  CatalogEntry listed(uint64_t seq, IoRetries& retries);
  // From a record whose digest was checked.
  CatalogEntry verified(uint64_t seq, IoRetries& retries);
  // What is known of it without reading anything: null when it was never verified.
  std::shared_ptr<const CheckpointFacts> known(uint64_t seq) const;
  // Published by this process.
  void add(const Manifest& manifest);
  void forget(uint64_t seq);

 private:
  struct Known {
    std::shared_ptr<const CheckpointFacts> facts;
    bool verified = false;
  };
  CatalogEntry remember(uint64_t seq, const IoResult<ManifestHead>& head, bool verified);
  std::shared_ptr<const CheckpointFacts> find(uint64_t seq, bool verified) const;

  Store& store_;
  const bool remembers_;
  mutable std::mutex mutex_;  // guards known_
  std::map<uint64_t, Known> known_;
};

}  // namespace ckptbench
