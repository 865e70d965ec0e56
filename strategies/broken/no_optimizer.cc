#include "strategies/broken/file_strategy.h"
#include "strategies/broken/strategies.h"

namespace ckptbench {
namespace {

// Flaw: the optimizer's moments and step counters are not saved; a resumed run starts with those of
// init, which load without a word.
class NoOptimizer : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  LeavesOut leaves_out() const override {
    return [](Role role) {
      return role == Role::kMoment1 || role == Role::kMoment2 || role == Role::kOptimizerStep;
    };
  }
};

}  // namespace

std::unique_ptr<Strategy> make_no_optimizer(const StrategyContext& context) {
  return std::make_unique<NoOptimizer>(context);
}

}  // namespace ckptbench
