// The chunks that a new checkpoint may refer to instead of storing them again. The directory tells
// it which checkpoints are intact, the container writer asks it for each chunk.
// Threads: find() from several at once; everything else from one, while no thread is in find().
#pragma once

#include <cstdint>
#include <memory>

#include "harness/core/digest.h"
#include "strategies/format/manifest.h"

namespace ckptbench {

class ChunkIndex {
 public:
  virtual ~ChunkIndex() = default;
  // REQUIRES: every chunk of it is known to be intact. chain_begin: the oldest checkpoint that it
  // needs, directly or through others, itself if none.
  virtual void trust(std::shared_ptr<const Manifest> manifest, uint64_t chain_begin) = 0;
  // The checkpoint is about to be deleted: nothing may refer to it any more.
  virtual void forget(uint64_t seq) = 0;

  // Chooses what checkpoint `seq` may refer to: from here on find() answers from that. Returns its
  // number, 0 for none.
  virtual uint64_t choose_base(uint64_t seq) = 0;
  // The oldest checkpoint that the chosen base leads to; `seq` of choose_base when there is none.
  virtual uint64_t chain_begin() const = 0;

  // The chunk that holds the same range of the same tensor with the same digest; nullptr for none.
  virtual const ManifestChunk* find(const TensorView& tensor, uint64_t begin, uint64_t bytes,
                                    const Digest& digest) const = 0;
};

}  // namespace ckptbench
