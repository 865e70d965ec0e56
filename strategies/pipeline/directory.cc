#include "strategies/pipeline/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "harness/core/one_line.h"

namespace ckptbench {

Directory::Directory(std::unique_ptr<Store> store, ChunkIndex* index, Access access,
                     const std::vector<uint64_t>& seqs)
    : store_(std::move(store)),
      catalog_(*store_, access == Access::kWriter),
      index_(index),
      first_seq_(1 + std::max(store_->taken_up_to(), seqs.empty() ? 0 : seqs.front())),
      next_seq_(first_seq_),
      live_(seqs.begin(), seqs.end()) {}

Result<std::unique_ptr<Directory>> Directory::open(std::unique_ptr<Store> store, ChunkIndex* index,
                                                   Access access) {
  const Result<std::vector<uint64_t>> seqs = store->list();
  if (!seqs) return seqs.error();
  return std::unique_ptr<Directory>(new Directory(std::move(store), index, access, seqs.value()));
}

Result<Directory::Begun> Directory::begin(uint64_t expected_bytes) {
  Begun begun;
  {
    const std::lock_guard lock(mutex_);
    // What is there of a save that an exception ended.
    begun_.clear();
    needs_of_begun_.clear();
    pinned_.clear();
    begun_.insert(next_seq_);
    needs_of_begun_[next_seq_];
    begun.seq = next_seq_++;
    const uint64_t base = index_ ? index_->choose_base(begun.seq) : 0;
    if (base != 0) pinned_.insert(base);
  }
  Result<std::unique_ptr<WriteSet>> set = store_->begin(begun.seq, expected_bytes);
  if (!set) {
    abandon(begun);
    return set.error();
  }
  begun.set = std::move(set).value();
  return begun;
}

Status Directory::commit(Begun& begun, const Manifest& manifest) {
  const std::vector<std::byte> record = encode_manifest(manifest);
  // What a reader would refuse must not be published as durable.
  Result<Manifest> decoded = decode_manifest(record);
  if (!decoded) {
    return Error{
        one_line(fmt::format("checkpoint {}: not published, since its own reader refuses it: {}",
                             begun.seq, decoded.error().message))};
  }
  note(std::make_shared<const Manifest>(std::move(decoded).value()));
  const Status committed = begun.set->commit(record);
  if (!committed) return committed;
  begun.set.reset();
  const std::lock_guard lock(mutex_);
  live_.insert(begun_.extract(begun.seq));
  needs_of_begun_.erase(begun.seq);
  ++commits_;
  pinned_.clear();
  return {};
}

// All that needs memory, before it is published: then nothing can fail any more. abandon() takes it
// back.
void Directory::note(std::shared_ptr<const Manifest> manifest) {
  catalog_.add(*manifest);
  std::set<uint64_t> needs = needed_by(manifest->seq);
  const std::lock_guard lock(mutex_);
  needs_of_begun_[manifest->seq] = std::move(needs);
  if (index_) index_->trust(std::move(manifest), index_->chain_begin());
}

void Directory::abandon(Begun& begun) {
  const bool written = begun.set != nullptr;
  begun.set.reset();
  if (written) catalog_.forget(begun.seq);
  const std::lock_guard lock(mutex_);
  pinned_.clear();
  if (!written) return;
  if (index_) index_->forget(begun.seq);
  unfinished_.insert(needs_of_begun_.extract(begun.seq));
  begun_.erase(begun.seq);
}

// REQUIRES: mutex_ held.
bool Directory::is_whole(uint64_t seq) const {
  if (unfinished_.contains(seq)) return false;
  const bool ours = seq >= first_seq_ && seq < next_seq_;
  return !ours || live_.contains(seq) || claimed_.contains(seq);
}

Result<std::vector<uint64_t>> Directory::stored() const {
  Result<std::vector<uint64_t>> seqs = catalog_.seqs();
  if (!seqs) return seqs;
  const std::lock_guard lock(mutex_);
  std::erase_if(seqs.value(), [&](uint64_t seq) { return !is_whole(seq); });
  return seqs;
}

Result<std::vector<CheckpointInfo>> Directory::list() {
  const Result<std::vector<uint64_t>> seqs = offered();
  if (!seqs) return seqs.error();
  std::vector<CheckpointInfo> checkpoints;
  IoRetries retries;
  for (const uint64_t seq : seqs.value()) {
    const CatalogEntry entry = catalog_.listed(seq, retries);
    if (entry.facts) checkpoints.push_back(entry.facts->info);
  }
  const std::lock_guard lock(mutex_);
  for (const CheckpointInfo& info : checkpoints) shown_.insert(info.seq);
  return checkpoints;
}

Result<std::vector<uint64_t>> Directory::offered() {
  while (true) {
    const uint64_t drops_before = drops();
    Result<std::vector<uint64_t>> seqs = stored();
    if (!seqs) return seqs;
    const std::lock_guard lock(mutex_);
    // What was dropped meanwhile may be among them.
    if (drops_ != drops_before) continue;
    std::erase_if(seqs.value(), [&](uint64_t seq) { return claimed_.contains(seq); });
    live_.insert(seqs.value().begin(), seqs.value().end());
    return seqs;
  }
}

void Directory::trust(std::shared_ptr<const Manifest> manifest) {
  if (!index_) return;
  IoRetries retries;
  const auto find = [&](uint64_t seq) { return catalog_.listed(seq, retries).facts; };
  const uint64_t chain_begin = *with_needed({manifest->seq}, find).begin();
  const std::lock_guard lock(mutex_);
  index_->trust(std::move(manifest), chain_begin);
}

Result<RetentionRequest> Directory::request(std::span<const uint64_t> seqs) {
  if (seqs.empty()) return Error{"retain: no checkpoint to keep, expected at least one"};
  const std::lock_guard lock(mutex_);
  RetentionRequest request{.keep = {seqs.begin(), seqs.end()}, .known = {}};
  std::multiset<uint64_t> more(request.keep.begin(), request.keep.end());
  for (const uint64_t seq : request.keep) {
    if (!live_.contains(seq)) return Error{fmt::format("retain: there is no checkpoint {}", seq)};
  }
  request.known = known_beside(*request.keep.rbegin());
  asked_.merge(more);
  return request;
}

void Directory::withdraw(const RetentionRequest& request) {
  const std::lock_guard lock(mutex_);
  for (const uint64_t seq : request.keep) asked_.erase(asked_.find(seq));
}

// What was shown, and of our own what is not newer than all that the caller has named or was shown.
// Anything else lay there before, and an error has hidden it from the caller.
// REQUIRES: mutex_ held.
std::set<uint64_t> Directory::known_beside(uint64_t newest_kept) const {
  std::set<uint64_t> known = shown_;
  const uint64_t newest = shown_.empty() ? newest_kept : std::max(newest_kept, *shown_.rbegin());
  for (const std::set<uint64_t>* const ours : {&live_, &claimed_}) {
    for (auto seq = ours->lower_bound(first_seq_); seq != ours->end() && *seq <= newest; ++seq) {
      known.insert(*seq);
    }
  }
  return known;
}

Result<std::vector<CatalogEntry>> Directory::verified_entries() {
  const Result<std::vector<uint64_t>> seqs = stored();
  if (!seqs) return seqs.error();
  std::vector<CatalogEntry> entries;
  IoRetries retries;
  for (const uint64_t seq : seqs.value()) entries.push_back(catalog_.verified(seq, retries));
  return entries;
}

Result<std::vector<CheckpointInfo>> Directory::claim(const RetentionRequest& request) {
  withdraw(request);
  // Before the lock is taken, so that no save waits for the reading.
  Result<std::vector<CatalogEntry>> found = verified_entries();
  if (!found) return found.error();
  std::vector<CatalogEntry>& entries = found.value();
  const std::lock_guard lock(mutex_);
  // What has been committed meanwhile is in the catalog: commit() adds it there first.
  const uint64_t newest = entries.empty() ? 0 : entries.front().seq;
  for (auto seq = live_.upper_bound(newest); seq != live_.end(); ++seq) {
    entries.insert(entries.begin(), {.seq = *seq, .facts = catalog_.known(*seq), .damage = ""});
  }
  // A later request was told that its checkpoints stay.
  std::set<uint64_t> others = pinned_;
  others.insert(asked_.begin(), asked_.end());
  for (const auto& [seq, needs] : unfinished_) others.insert(needs.begin(), needs.end());
  Result<std::vector<CheckpointInfo>> drop = plan_retention(entries, request, others);
  if (!drop) return drop;
  for (const CheckpointInfo& info : drop.value()) {
    if (index_) index_->forget(info.seq);
    claimed_.insert(info.seq);
    live_.erase(info.seq);
  }
  return drop;
}

std::vector<uint64_t> Directory::unfinished() const {
  const std::lock_guard lock(mutex_);
  std::vector<uint64_t> seqs;
  for (auto each = unfinished_.rbegin(); each != unfinished_.rend(); ++each) {
    seqs.push_back(each->first);
  }
  return seqs;
}

std::set<uint64_t> Directory::needed_by(uint64_t seq) const {
  return with_needed({seq}, [&](uint64_t other) { return catalog_.known(other); });
}

// False where the store cannot be listed.
bool Directory::is_listed(uint64_t seq) const {
  const Result<std::vector<uint64_t>> seqs = catalog_.seqs();
  return seqs && std::find(seqs.value().begin(), seqs.value().end(), seq) != seqs.value().end();
}

// What stops half-way for want of memory is to be finished as well.
Status Directory::drop_files(uint64_t seq) {
  try {
    return store_->drop(seq, {});
  } catch (const std::bad_alloc&) {
    return Error{"retain: no memory"};
  }
}

Status Directory::drop(uint64_t seq) {
  std::set<uint64_t> needs = needed_by(seq);
  const Status dropped = drop_files(seq);
  // Where it is unknown how far the deletion came, the record may be deleted: the rest is deleted
  // later.
  if (!dropped && is_listed(seq)) return dropped;
  catalog_.forget(seq);
  const std::lock_guard lock(mutex_);
  if (dropped) {
    unfinished_.erase(seq);
  } else {
    // The first attempt has noted what it needs; by a later one that is forgotten.
    unfinished_.try_emplace(seq, std::move(needs));
  }
  ++drops_;
  claimed_.erase(seq);
  shown_.erase(seq);
  return dropped;
}

void Directory::end_claim() {
  const std::lock_guard lock(mutex_);
  live_.merge(claimed_);
  claimed_.clear();
}

uint64_t Directory::drops() const {
  const std::lock_guard lock(mutex_);
  return drops_;
}

uint64_t Directory::commits() const {
  const std::lock_guard lock(mutex_);
  return commits_;
}

}  // namespace ckptbench
