#include <cstring>

#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

constexpr size_t kChunkBytes = 4096;

// Flaw: loads tensors in chunks, and the second chunk from where the first one lies. Tensors of one
// chunk are right.
class SecondChunk : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override {
    RestoreOutcome outcome = FileStrategy::restore(state, want, replay);
    if (!std::holds_alternative<Restored>(outcome)) return outcome;
    for (const TensorView& view : state.tensors) {
      if (view.memory == MemoryKind::kCuda || view.bytes < 2 * kChunkBytes) continue;
      std::memcpy(view.data + kChunkBytes, view.data, kChunkBytes);
    }
    return outcome;
  }
};

}  // namespace

BrokenRow second_chunk_row() {
  return {.name = "broken-second-chunk",
          .summary = "loads the second chunk of a tensor from the place of the first",
          .source = "https://github.com/pytorch/pytorch/issues/12042",
          .make = new_strategy<SecondChunk>,
          .data = DataVerdict::kSilentCorrupt,
          .component = Role::kParameter};
}

}  // namespace ckptbench
