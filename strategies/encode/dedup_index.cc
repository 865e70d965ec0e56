#include "strategies/encode/dedup_index.h"

#include <algorithm>

namespace ckptbench {
namespace {

// Retention may drop the newest (keep the best); a few older ones are then still at hand.
constexpr size_t kMaxTrusted = 8;

}  // namespace

void DedupIndex::trust(std::shared_ptr<const Manifest> manifest, uint64_t chain_begin) {
  const uint64_t seq = manifest->seq;
  trusted_.insert_or_assign(seq, Trusted{std::move(manifest), chain_begin});
  if (trusted_.size() > kMaxTrusted) trusted_.erase(trusted_.begin());
}

void DedupIndex::forget(uint64_t seq) {
  trusted_.erase(seq);
}

uint64_t DedupIndex::choose_base(uint64_t seq) {
  base_.reset();
  tensors_.clear();
  chain_begin_ = seq;
  if (trusted_.empty()) return 0;
  const Trusted& newest = trusted_.rbegin()->second;
  if (seq - newest.chain_begin >= full_every_) return 0;
  base_ = newest.manifest;
  chain_begin_ = newest.chain_begin;
  for (const ManifestTensor& tensor : base_->tensors) tensors_.emplace(tensor.name, &tensor);
  return base_->seq;
}

const ManifestChunk* DedupIndex::find(const TensorView& tensor, uint64_t begin, uint64_t bytes,
                                      const Digest& digest) const {
  const auto found = tensors_.find(tensor.name);
  // The decoder goes by the dtype of the tensor that refers to a chunk.
  if (found == tensors_.end() || found->second->dtype != tensor.dtype) return nullptr;
  const std::vector<ManifestChunk>& chunks = found->second->chunks;
  const auto chunk = std::lower_bound(
      chunks.begin(), chunks.end(), begin,
      [](const ManifestChunk& candidate, uint64_t value) { return candidate.begin < value; });
  if (chunk == chunks.end() || chunk->begin != begin) return nullptr;
  return chunk->raw_bytes == bytes && chunk->digest == digest ? &*chunk : nullptr;
}

}  // namespace ckptbench
