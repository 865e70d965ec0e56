#include "strategies/pipeline/catalog.h"

#include <fmt/format.h>

#include <algorithm>

namespace ckptbench {
namespace {

CatalogEntry decode(const StoredCheckpoint& stored) {
  CatalogEntry entry{.seq = stored.seq, .manifest = nullptr, .damage = ""};
  Result<Manifest> manifest = decode_manifest(stored.manifest);
  if (!manifest) {
    entry.damage = fmt::format("checkpoint {}: {}", stored.seq, manifest.error().message);
  } else if (manifest.value().seq != stored.seq) {
    entry.damage = fmt::format("checkpoint {}: its manifest is that of checkpoint {}", stored.seq,
                               manifest.value().seq);
  } else {
    entry.manifest = std::make_shared<const Manifest>(std::move(manifest).value());
  }
  return entry;
}

}  // namespace

Result<Catalog> Catalog::read(Store& store) {
  Catalog catalog;
  const Result<std::vector<StoredCheckpoint>> stored = store.list(catalog.unreadable_);
  if (!stored) return stored.error();
  for (const StoredCheckpoint& checkpoint : stored.value()) {
    catalog.entries_.push_back(decode(checkpoint));
  }
  return catalog;
}

const Manifest* Catalog::find(uint64_t seq) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const CatalogEntry& entry) { return entry.seq == seq; });
  return found == entries_.end() ? nullptr : found->manifest.get();
}

std::set<uint64_t> Catalog::with_needed(const std::set<uint64_t>& seqs) const {
  std::set<uint64_t> needed;
  std::vector<uint64_t> pending(seqs.begin(), seqs.end());
  while (!pending.empty()) {
    const uint64_t seq = pending.back();
    pending.pop_back();
    if (!needed.insert(seq).second) continue;
    const Manifest* const manifest = find(seq);
    if (!manifest) continue;
    for (const uint64_t older : manifest->needed_seqs()) pending.push_back(older);
  }
  return needed;
}

}  // namespace ckptbench
