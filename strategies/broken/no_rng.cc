#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

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

BrokenRow no_rng_row() {
  return {.name = "broken-no-rng",
          .summary = "leaves the random generators out",
          .source = "https://github.com/huggingface/transformers/pull/46628",
          .make = new_strategy<NoRng>,
          .data = DataVerdict::kDiverged,
          .component = Role::kRng};
}

}  // namespace ckptbench
