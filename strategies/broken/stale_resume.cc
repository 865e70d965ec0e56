#include <map>
#include <vector>

#include "strategies/broken/file_strategy.h"
#include "strategies/broken/strategies.h"

namespace ckptbench {
namespace {

// Flaw: what a resumed process saved first is what it saves ever after. A process that started from
// nothing is right, and so is the first save after a restore.
class StaleResume : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override {
    RestoreOutcome outcome = FileStrategy::restore(state, want, replay);
    resumed_ = resumed_ || std::holds_alternative<Restored>(outcome);
    return outcome;
  }

 protected:
  std::vector<TensorView> chosen(std::vector<TensorView> tensors) override {
    if (!resumed_) return tensors;
    for (TensorView& view : tensors) {
      if (view.memory == MemoryKind::kCuda) continue;
      const auto first = first_.try_emplace(view.name, view.data, view.data + view.bytes).first;
      view.data = first->second.data();
    }
    return tensors;
  }

 private:
  bool resumed_ = false;
  std::map<std::string, std::vector<std::byte>> first_;
};

}  // namespace

std::unique_ptr<Strategy> make_stale_resume(const StrategyContext& context) {
  return std::make_unique<StaleResume>(context);
}

}  // namespace ckptbench
