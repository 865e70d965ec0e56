// What a store holds, decoded: the checkpoints that a commit record vouches for, newest first, and
// the records that nobody can read. Plain values; no thread rule.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "strategies/format/manifest.h"
#include "strategies/store/store.h"

namespace ckptbench {

struct CatalogEntry {
  uint64_t seq = 0;
  std::shared_ptr<const Manifest> manifest;  // null: damaged
  std::string damage;                        // why
};

class Catalog {
 public:
  // Errors: the store cannot be listed.
  static Result<Catalog> read(Store& store);

  // Newest first by seq, damaged ones among them.
  const std::vector<CatalogEntry>& entries() const { return entries_; }
  // What could not be read at all, not even its number.
  const std::vector<std::string>& unreadable() const { return unreadable_; }
  bool empty() const { return entries_.empty() && unreadable_.empty(); }
  // nullptr when there is none, or a damaged one.
  const Manifest* find(uint64_t seq) const;
  // The highest number in use, damaged ones included; 0 for none.
  uint64_t newest_seq() const { return entries_.empty() ? 0 : entries_.front().seq; }

  // These checkpoints and all that they refer to, directly or through one another.
  std::set<uint64_t> with_needed(const std::set<uint64_t>& seqs) const;

 private:
  std::vector<CatalogEntry> entries_;
  std::vector<std::string> unreadable_;
};

}  // namespace ckptbench
