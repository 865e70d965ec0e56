// Strategies whose files are right and whose restore says or does the wrong thing with them.
#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_ops.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Flaw: the bytes are those of the newest checkpoint, the step is that of the one before.
class WrongStep : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override {
    RestoreOutcome outcome = FileStrategy::restore(state, want, replay);
    const std::vector<CheckpointInfo> infos = list();
    if (auto* restored = std::get_if<Restored>(&outcome)) {
      restored->step = infos.size() > 1 ? infos[1].step : 0;
    }
    return outcome;
  }
};

// Flaw: written in place under its final name, and restore looks at the newest file only.
class NoFallback : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override {
    RestoreOutcome outcome = FileStrategy::restore(state, want, replay);
    const auto* restored = std::get_if<Restored>(&outcome);
    if (want.seq || restored == nullptr || restored->passed_over.empty()) return outcome;
    return Refused{restored->passed_over.front()};
  }

 protected:
  Status publish(const Image& image) override { return publish_in_place(image); }
};

}  // namespace

BrokenRow wrong_step_row() {
  return {.name = "broken-wrong-step",
          .summary = "restores the right bytes under another checkpoint's step",
          .source = "https://github.com/pytorch/torchtitan/issues/571",
          .make = new_strategy<WrongStep>,
          .data = DataVerdict::kBitExact,
          .finding = Finding::kMislabeled};
}
BrokenRow no_fallback_row() {
  return {.name = "broken-no-fallback",
          .summary = "refuses a damaged newest checkpoint although an older one is fine",
          .source = "https://github.com/allenai/allennlp/issues/2129",
          .make = new_strategy<NoFallback>,
          .fault = kill_at("write", "checkpoint-3.bin", 1, "before"),
          .data = DataVerdict::kNoFallback};
}

}  // namespace ckptbench
