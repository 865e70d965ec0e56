#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

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

BrokenRow no_optimizer_row() {
  return {.name = "broken-no-optimizer",
          .summary = "leaves the optimizer's moments and step counters out",
          .source = "https://github.com/deepspeedai/DeepSpeed/pull/7786",
          .make = new_strategy<NoOptimizer>,
          .data = DataVerdict::kDiverged,
          .component = Role::kMoment1};
}

}  // namespace ckptbench
