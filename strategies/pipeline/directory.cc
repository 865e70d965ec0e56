#include "strategies/pipeline/directory.h"

#include <algorithm>

#include "strategies/pipeline/retention.h"

namespace ckptbench {

Result<std::unique_ptr<Directory>> Directory::open(std::unique_ptr<Store> store,
                                                   DedupIndex* index) {
  const Result<Catalog> catalog = Catalog::read(*store);
  if (!catalog) return catalog.error();
  return std::unique_ptr<Directory>(
      new Directory(std::move(store), index, catalog.value().newest_seq() + 1));
}

Result<Directory::Begun> Directory::begin(uint64_t expected_bytes) {
  const std::lock_guard lock(mutex_);
  Begun begun{.seq = next_seq_++, .set = nullptr};
  Result<std::unique_ptr<WriteSet>> set = store_->begin(begun.seq, expected_bytes);
  if (!set) return set.error();
  begun.set = std::move(set).value();
  if (index_) {
    const uint64_t base = index_->choose_base(begun.seq);
    if (base != 0) pinned_.insert(base);
  }
  return begun;
}

Status Directory::commit(Begun& begun, Manifest manifest) {
  const std::vector<std::byte> record = encode_manifest(manifest);
  const std::lock_guard lock(mutex_);
  const Status committed = begun.set->commit(record);
  if (!committed) return committed;
  begun.set.reset();
  pinned_.clear();
  if (index_) {
    index_->trust(std::make_shared<const Manifest>(std::move(manifest)), index_->chain_begin());
  }
  return {};
}

void Directory::abandon(Begun& begun) {
  const std::lock_guard lock(mutex_);
  begun.set.reset();
  pinned_.clear();
}

Result<Catalog> Directory::catalog() {
  const std::lock_guard lock(mutex_);
  Result<Catalog> catalog = Catalog::read(*store_);
  if (catalog) shown_seq_ = catalog.value().newest_seq();
  return catalog;
}

void Directory::trust(const Catalog& catalog, std::shared_ptr<const Manifest> manifest) {
  if (!index_) return;
  const std::lock_guard lock(mutex_);
  const uint64_t chain_begin = *catalog.with_needed({manifest->seq}).begin();
  index_->trust(std::move(manifest), chain_begin);
}

Status Directory::retain(std::span<const uint64_t> seqs, Observer& observer) {
  const std::lock_guard lock(mutex_);
  const Result<Catalog> catalog = Catalog::read(*store_);
  if (!catalog) return catalog.error();
  const std::set<uint64_t> keep(seqs.begin(), seqs.end());
  std::set<uint64_t> stay = pinned_;
  const uint64_t known = std::max(shown_seq_, keep.empty() ? 0 : *keep.rbegin());
  for (uint64_t seq = catalog.value().newest_seq(); seq > known; --seq) stay.insert(seq);
  const Result<std::vector<uint64_t>> drop = plan_retention(catalog.value(), keep, stay);
  if (!drop) return drop.error();
  for (const uint64_t seq : drop.value()) {
    if (index_) index_->forget(seq);
    observer.retired(catalog.value().find(seq)->step, seq);
    const Status dropped = store_->drop(seq, {});
    if (!dropped) return dropped;
  }
  return {};
}

}  // namespace ckptbench
