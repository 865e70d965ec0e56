#include <map>
#include <vector>

#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

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

BrokenRow stale_resume_row() {
  return {.name = "broken-stale-resume",
          .summary = "every save of a resumed run holds what its first one held",
          .source = "https://github.com/pytorch/torchtitan/pull/647",
          .make = new_strategy<StaleResume>,
          .data = DataVerdict::kLostAck,
          .finding = Finding::kMislabeled};
}

}  // namespace ckptbench
