// Chunks that an older checkpoint holds are referred to instead of stored again: those of the
// newest checkpoint that this process wrote or restored, both of which it has verified. Never of
// one that was retired, and of none at all when a full checkpoint is due.
#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

#include "strategies/api/stage.h"
#include "strategies/encode/chunk_index.h"

namespace ckptbench {
namespace {

// Retention may drop the newest (keep the best); a few older ones are then still at hand.
constexpr size_t kMaxTrusted = 8;

class DedupIndex : public ChunkIndex {
 public:
  // full_every: a checkpoint without references at least every this many sequence numbers.
  explicit DedupIndex(uint64_t full_every) : full_every_(full_every) {}

  void trust(std::shared_ptr<const Manifest> manifest, uint64_t chain_begin) override;
  void forget(uint64_t seq) override { trusted_.erase(seq); }
  uint64_t choose_base(uint64_t seq) override;
  uint64_t chain_begin() const override { return chain_begin_; }
  const ManifestChunk* find(const TensorView& tensor, uint64_t begin, uint64_t bytes,
                            const Digest& digest) const override;

 private:
  struct Trusted {
    std::shared_ptr<const Manifest> manifest;
    uint64_t chain_begin;
  };

  const uint64_t full_every_;
  std::map<uint64_t, Trusted> trusted_;
  std::shared_ptr<const Manifest> base_;
  uint64_t chain_begin_ = 0;
  std::unordered_map<std::string_view, const ManifestTensor*> tensors_;  // of base_
};

void DedupIndex::trust(std::shared_ptr<const Manifest> manifest, uint64_t chain_begin) {
  const uint64_t seq = manifest->seq;
  trusted_.insert_or_assign(seq, Trusted{std::move(manifest), chain_begin});
  if (trusted_.size() > kMaxTrusted) trusted_.erase(trusted_.begin());
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

std::unique_ptr<ChunkIndex> make_dedup(const Params& params) {
  return std::make_unique<DedupIndex>(static_cast<uint64_t>(params.integer("full_every")));
}

}  // namespace

StageRow dedup_stage() {
  return {.name = "dedup",
          .summary = "unchanged chunks refer to an older checkpoint",
          .params = {whole_param("full_every", "16",
                                 "saves from one full checkpoint to the next at most", 1, 1e6)},
          .make = MakeChunkIndex(make_dedup)};
}

}  // namespace ckptbench
