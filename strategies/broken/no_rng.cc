#include "strategies/broken/file_strategy.h"
#include "strategies/broken/strategies.h"

namespace ckptbench {
namespace {

// Flaw: random generators are not saved; a resumed run draws from the seed again.
class NoRng : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  LeavesOut leaves_out() const override {
    return [](Role role) { return role == Role::kRng; };
  }
};

}  // namespace

std::unique_ptr<Strategy> make_no_rng(const StrategyContext& context) {
  return std::make_unique<NoRng>(context);
}

}  // namespace ckptbench
