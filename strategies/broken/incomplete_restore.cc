// Strategies that bring back less than the state and report Restored. In a process that starts
// from the run's own seed, most of what they leave out looks right by itself.
#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "harness/core/digest.h"
#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Flaw: the loop that copies the tensors ends one too early.
class Unfilled : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override {
    StateView all_but_one = state;
    all_but_one.tensors.pop_back();
    RestoreOutcome outcome =
        FileStrategy::restore(all_but_one, {.seq = want.seq, .partial = true}, replay);
    if (auto* restored = std::get_if<Restored>(&outcome)) restored->unexpected.clear();
    return outcome;
  }
};

// Flaw: buffers are not saved, and the restore accepts a checkpoint without them.
class OmittedName : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override {
    return FileStrategy::restore(state, {.seq = want.seq, .partial = true}, replay);
  }

 protected:
  std::vector<TensorView> chosen(std::vector<TensorView> tensors) override {
    std::erase_if(tensors, [](const TensorView& view) { return view.role == Role::kBuffer; });
    return tensors;
  }
};

// Flaw: a tensor that never changed since the first save is taken for one that every run starts
// with, and not saved again.
class Unchanged : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override {
    RestoreOutcome outcome =
        FileStrategy::restore(state, {.seq = want.seq, .partial = true}, replay);
    if (auto* restored = std::get_if<Restored>(&outcome)) restored->missing.clear();
    return outcome;
  }

 protected:
  std::vector<TensorView> chosen(std::vector<TensorView> tensors) override {
    std::erase_if(tensors, [&](const TensorView& view) {
      if (view.memory == MemoryKind::kCuda) return false;
      const Digest digest = digest_of({view.data, view.bytes});
      const auto [first, is_new] = first_.emplace(view.name, digest);
      return !is_new && first->second == digest;
    });
    return tensors;
  }

 private:
  std::map<std::string, Digest> first_;
};

// Flaw: after the first epoch the loader's position is taken to be the epoch's beginning.
class EpochStart : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  std::vector<TensorView> chosen(std::vector<TensorView> tensors) override {
    const auto named = [&](const char* name) {
      return std::find_if(tensors.begin(), tensors.end(),
                          [&](const TensorView& view) { return view.name == name; });
    };
    const auto epoch = named("loader.epoch");
    const auto position = named("loader.position");
    if (epoch == tensors.end() || position == tensors.end()) return tensors;
    int64_t number = 0;
    std::memcpy(&number, epoch->data, sizeof number);
    if (number > 0) position->data = reinterpret_cast<std::byte*>(&beginning_);
    return tensors;
  }

 private:
  int64_t beginning_ = 0;
};

}  // namespace

BrokenRow unfilled_row() {
  return {.name = "broken-unfilled",
          .summary = "leaves one tensor as it was and reports it restored",
          .source = "https://github.com/sgl-project/sglang/pull/26772",
          .make = new_strategy<Unfilled>,
          .data = DataVerdict::kDiverged,
          .component = Role::kPolicy};
}
BrokenRow omitted_name_row() {
  return {.name = "broken-omitted-name",
          .summary = "saves no buffers, and restores without them",
          .source = "https://github.com/mosaicml/composer/pull/2216",
          .make = new_strategy<OmittedName>,
          .data = DataVerdict::kDiverged,
          .component = Role::kBuffer,
          .finding = Finding::kNameMismatch};
}
BrokenRow unchanged_row() {
  return {.name = "broken-unchanged",
          .summary = "does not save again what never changed since the first save",
          .source = "https://github.com/goodfire-ai/spd/issues/680",
          .make = new_strategy<Unchanged>,
          .data = DataVerdict::kSilentCorrupt,
          .component = Role::kParameter};
}
BrokenRow epoch_start_row() {
  return {.name = "broken-epoch-start",
          .summary = "forgets the loader's position in every epoch but the first",
          .source = "https://github.com/huggingface/accelerate/pull/4071",
          .make = new_strategy<EpochStart>,
          .data = DataVerdict::kDiverged,
          .component = Role::kLoader};
}

}  // namespace ckptbench
