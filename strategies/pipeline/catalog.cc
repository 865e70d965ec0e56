#include "strategies/pipeline/catalog.h"

#include <fmt/format.h>

#include "harness/core/one_line.h"

namespace ckptbench {
namespace {

IoResult<ManifestHead> as_read(const Result<ManifestHead>& head) {
  if (head) return head.value();
  return damage_error(head.error());
}

IoResult<ManifestHead> read_verified_head(Store& store, uint64_t seq) {
  const IoResult<std::vector<std::byte>> record = store.get(seq);
  if (!record) return record.error();
  return as_read(verified_manifest_head(record.value()));
}

// A head that is longer, or is written otherwise than ours, is read with its record.
IoResult<ManifestHead> read_head(Store& store, uint64_t seq) {
  const IoResult<std::vector<std::byte>> first = store.get_first(seq, kMaxHeadBytes);
  if (!first) return first.error();
  const Result<ManifestHead> head = decode_manifest_head(first.value());
  if (head) return head.value();
  return read_verified_head(store, seq);
}

std::shared_ptr<const CheckpointFacts> facts_of(const ManifestHead& head) {
  return std::make_shared<const CheckpointFacts>(CheckpointFacts{.info = {.seq = head.seq,
                                                                          .run = head.run,
                                                                          .step = head.step,
                                                                          .contents = head.contents,
                                                                          .metric = head.metric},
                                                                 .needs = head.needed_seqs()});
}

}  // namespace

std::set<uint64_t> with_needed(const std::set<uint64_t>& seqs, const FindFacts& find) {
  std::set<uint64_t> needed;
  std::vector<uint64_t> pending(seqs.begin(), seqs.end());
  while (!pending.empty()) {
    const uint64_t seq = pending.back();
    pending.pop_back();
    if (!needed.insert(seq).second) continue;
    const std::shared_ptr<const CheckpointFacts> facts = find(seq);
    if (!facts) continue;
    pending.insert(pending.end(), facts->needs.begin(), facts->needs.end());
  }
  return needed;
}

IoResult<std::shared_ptr<const Manifest>> read_manifest(Store& store, uint64_t seq) {
  const IoResult<std::vector<std::byte>> record = store.get(seq);
  if (!record) return record.error();
  Result<Manifest> manifest = decode_manifest(record.value());
  if (!manifest) return damage_error(manifest.error());
  if (manifest.value().seq != seq) {
    return damage_error(fmt::format("its manifest is that of checkpoint {}", manifest.value().seq));
  }
  return std::make_shared<const Manifest>(std::move(manifest).value());
}

std::shared_ptr<const CheckpointFacts> Catalog::find(uint64_t seq, bool verified) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(seq);
  if (found == known_.end() || (verified && !found->second.verified)) return nullptr;
  return found->second.facts;
}

std::shared_ptr<const CheckpointFacts> Catalog::known(uint64_t seq) const {
  return find(seq, true);
}

CatalogEntry Catalog::remember(uint64_t seq, const IoResult<ManifestHead>& head, bool verified) {
  CatalogEntry entry{.seq = seq, .facts = nullptr, .damage = ""};
  if (!head) {
    entry.damage = one_line(fmt::format("checkpoint {}: {}", seq, head.error().message));
  } else if (head.value().seq != seq) {
    entry.damage =
        fmt::format("checkpoint {}: its manifest is that of checkpoint {}", seq, head.value().seq);
  } else {
    entry.facts = facts_of(head.value());
    const std::lock_guard lock(mutex_);
    if (remembers_) known_.insert_or_assign(seq, Known{entry.facts, verified});
  }
  return entry;
}

// Both read without the lock: a save that adds its own checkpoint must not wait for this.
CatalogEntry Catalog::listed(uint64_t seq, IoRetries& retries) {
  auto facts = find(seq, false);
  if (facts) return {.seq = seq, .facts = std::move(facts), .damage = ""};
  return remember(seq, retries([&] { return read_head(store_, seq); }), false);
}

CatalogEntry Catalog::verified(uint64_t seq, IoRetries& retries) {
  auto facts = find(seq, true);
  if (facts) return {.seq = seq, .facts = std::move(facts), .damage = ""};
  return remember(seq, retries([&] { return read_verified_head(store_, seq); }), true);
}

void Catalog::add(const Manifest& manifest) {
  auto facts = facts_of(head_of(manifest));
  const std::lock_guard lock(mutex_);
  known_.insert_or_assign(manifest.seq, Known{std::move(facts), true});
}

void Catalog::forget(uint64_t seq) {
  const std::lock_guard lock(mutex_);
  known_.erase(seq);
}

}  // namespace ckptbench
