#include <cstring>

#include "strategies/broken/file_strategy.h"
#include "strategies/broken/strategies.h"

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

std::unique_ptr<Strategy> make_second_chunk(const StrategyContext& context) {
  return std::make_unique<SecondChunk>(context);
}

}  // namespace ckptbench
