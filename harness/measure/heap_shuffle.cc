#include "harness/measure/heap_shuffle.h"

#include <cstddef>
#include <numeric>
#include <utility>

namespace ckptbench {
namespace {

constexpr uint64_t kMostBlocks = 32;
constexpr uint64_t kStep = 16;                 // what malloc aligns to
constexpr uint64_t kMostBlockBytes = 1 << 14;  // of one block

}  // namespace

void HeapShuffle::run() {
  std::vector<Block> blocks(1 + prng_.below(kMostBlocks));
  for (Block& block : blocks) {
    block.bytes = kStep * (1 + prng_.below(kMostBlockBytes / kStep));
    block.data.reset(new std::byte[block.bytes]);
  }
  blocks_ = std::move(blocks);
}

uint64_t HeapShuffle::bytes() const {
  return std::accumulate(blocks_.begin(), blocks_.end(), uint64_t{0},
                         [](uint64_t sum, const Block& block) { return sum + block.bytes; });
}

}  // namespace ckptbench
