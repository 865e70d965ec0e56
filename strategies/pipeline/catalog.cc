#include "strategies/pipeline/catalog.h"

#include <fmt/format.h>

#include "harness/core/one_line.h"

namespace ckptbench {

std::set<uint64_t> with_needed(const std::set<uint64_t>& seqs, const FindManifest& find) {
  std::set<uint64_t> needed;
  std::vector<uint64_t> pending(seqs.begin(), seqs.end());
  while (!pending.empty()) {
    const uint64_t seq = pending.back();
    pending.pop_back();
    if (!needed.insert(seq).second) continue;
    const std::shared_ptr<const Manifest> manifest = find(seq);
    if (!manifest) continue;
    for (const uint64_t older : manifest->needed_seqs()) pending.push_back(older);
  }
  return needed;
}

CatalogEntry Catalog::decode(uint64_t seq) const {
  CatalogEntry entry{.seq = seq, .manifest = nullptr, .damage = ""};
  const Result<std::vector<std::byte>> record = store_.get(seq);
  if (!record) {
    entry.damage = one_line(fmt::format("checkpoint {}: {}", seq, record.error().message));
    return entry;
  }
  Result<Manifest> manifest = decode_manifest(record.value());
  if (!manifest) {
    entry.damage = one_line(fmt::format("checkpoint {}: {}", seq, manifest.error().message));
  } else if (manifest.value().seq != seq) {
    entry.damage = fmt::format("checkpoint {}: its manifest is that of checkpoint {}", seq,
                               manifest.value().seq);
  } else {
    entry.manifest = std::make_shared<const Manifest>(std::move(manifest).value());
  }
  return entry;
}

std::shared_ptr<const Manifest> Catalog::known(uint64_t seq) const {
  const std::lock_guard lock(mutex_);
  const auto found = manifests_.find(seq);
  return found == manifests_.end() ? nullptr : found->second;
}

CatalogEntry Catalog::entry(uint64_t seq) {
  std::shared_ptr<const Manifest> manifest = known(seq);
  if (manifest) return {.seq = seq, .manifest = std::move(manifest), .damage = ""};
  // Without the lock: a save that adds its own manifest must not wait for this.
  CatalogEntry entry = decode(seq);
  if (!entry.manifest) return entry;
  const std::lock_guard lock(mutex_);
  ++decodes_;
  entry.manifest = manifests_.emplace(seq, std::move(entry.manifest)).first->second;
  return entry;
}

void Catalog::add(std::shared_ptr<const Manifest> manifest) {
  const std::lock_guard lock(mutex_);
  const uint64_t seq = manifest->seq;
  manifests_.insert_or_assign(seq, std::move(manifest));
}

void Catalog::forget(uint64_t seq) {
  const std::lock_guard lock(mutex_);
  manifests_.erase(seq);
}

uint64_t Catalog::decodes() const {
  const std::lock_guard lock(mutex_);
  return decodes_;
}

}  // namespace ckptbench
