#include <filesystem>

#include "strategies/broken/file_strategy.h"
#include "strategies/broken/strategies.h"

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

std::unique_ptr<Strategy> make_restarting(const StrategyContext& context) {
  return std::make_unique<Restarting>(context);
}

}  // namespace ckptbench
