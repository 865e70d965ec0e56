#include <filesystem>

#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Flaw: restore begins at a file that names the newest checkpoint, and no save ever writes it.
class Restarting : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override {
    if (!std::filesystem::exists(path("latest"))) return Nothing{};
    return FileStrategy::restore(state, want, replay);
  }
};

}  // namespace

BrokenRow restarting_row() {
  return {.name = "broken-restart",
          .summary = "starts again from step 0: the pointer to the newest is never written",
          .source = "https://github.com/verl-project/verl/pull/7955",
          .make = new_strategy<Restarting>,
          .data = DataVerdict::kSilentRestart};
}

}  // namespace ckptbench
