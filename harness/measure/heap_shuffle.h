// Blocks of random sizes on the heap, other ones for each measured window. Where tensors lie
// decides how fast small steps are, by up to 6 % of steps of 3 ms: without these, each window of a
// cell has the same layout in every process, and what a layout costs would count as a save's
// (docs/metrics.md). Owned by the window sampler; the training thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "harness/core/prng.h"

namespace ckptbench {

class HeapShuffle {
 public:
  // `seed`: another one for each process.
  explicit HeapShuffle(uint64_t seed) : prng_(seed) {}

  // Takes new blocks, then frees those of before.
  void run();
  uint64_t bytes() const;  // held now

 private:
  struct Block {
    std::unique_ptr<std::byte[]> data;
    uint64_t bytes = 0;
  };
  Prng prng_;
  std::vector<Block> blocks_;
};

}  // namespace ckptbench
