// What a store holds, decoded: each commit record is read and decoded at most once, when
// it is asked for. That is right while this process holds the lease: no other process writes
// records, and what a damaged disk changes later is caught by the digest of every chunk. A record
// that cannot be read is tried again each time. Threads: any.
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
#include "strategies/format/manifest.h"
#include "strategies/store/store.h"

namespace ckptbench {

struct CatalogEntry {
  uint64_t seq = 0;
  std::shared_ptr<const Manifest> manifest;  // null: it cannot be read, or is damaged
  std::string damage;                        // why
};

// These checkpoints and all that they refer to, directly or through one another. `find`: the
// manifest of a checkpoint, or null, which then refers to nothing.
using FindManifest = std::function<std::shared_ptr<const Manifest>(uint64_t)>;
std::set<uint64_t> with_needed(const std::set<uint64_t>& seqs, const FindManifest& find);

class Catalog {
 public:
  explicit Catalog(Store& store) : store_(store) {}

  // Newest first, damaged ones among them; nothing is decoded. Errors: the store cannot be listed.
  Result<std::vector<uint64_t>> seqs() const { return store_.list(); }
  CatalogEntry entry(uint64_t seq);
  // The same without reading anything: null when it was never decoded.
  std::shared_ptr<const Manifest> known(uint64_t seq) const;
  // Published or verified by this process.
  void add(std::shared_ptr<const Manifest> manifest);
  void forget(uint64_t seq);

  // How many records were read and decoded so far.
  uint64_t decodes() const;

 private:
  CatalogEntry decode(uint64_t seq) const;

  Store& store_;
  mutable std::mutex mutex_;  // guards the members below
  std::map<uint64_t, std::shared_ptr<const Manifest>> manifests_;
  uint64_t decodes_ = 0;
};

}  // namespace ckptbench
