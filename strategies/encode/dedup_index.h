// The chunks that a new checkpoint may refer to instead of storing them again: those of the newest
// checkpoint that this process wrote or restored, both of which it has verified. Never of one that
// was retired, and of none at all when a full checkpoint is due.
// Threads: find() from several at once; everything else from one, while nobody is in find().
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "harness/core/digest.h"
#include "strategies/format/manifest.h"

namespace ckptbench {

class DedupIndex {
 public:
  // full_every: a checkpoint without references at least every this many sequence numbers.
  explicit DedupIndex(uint64_t full_every) : full_every_(full_every) {}

  // REQUIRES: every chunk of it is known to be intact. chain_begin: the oldest checkpoint that it
  // needs, directly or through others, itself if none.
  void trust(std::shared_ptr<const Manifest> manifest, uint64_t chain_begin);
  void forget(uint64_t seq);

  // Chooses what checkpoint `seq` may refer to: from here on find() answers from that. Returns its
  // number, 0 for none.
  uint64_t choose_base(uint64_t seq);
  // The oldest checkpoint that the chosen base leads to; `seq` of choose_base when there is none.
  uint64_t chain_begin() const { return chain_begin_; }

  // The chunk that holds the same range of the same tensor with the same digest; nullptr for none.
  const ManifestChunk* find(const TensorView& tensor, uint64_t begin, uint64_t bytes,
                            const Digest& digest) const;

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

}  // namespace ckptbench
