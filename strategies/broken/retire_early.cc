#include "harness/platform/file.h"
#include "strategies/broken/file_ops.h"
#include "strategies/broken/file_strategy.h"
#include "strategies/broken/strategies.h"

namespace ckptbench {
namespace {

// Flaw: makes room before it writes: the checkpoints so far are deleted, and that is not reported.
class RetireEarly : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  Status publish(const Image& image) override {
    for (const CheckpointInfo& old : list()) {
      if (Status removed = remove_file(path(file_name(old.seq))); !removed) return removed;
    }
    return FileStrategy::publish(image);
  }
};

}  // namespace

std::unique_ptr<Strategy> make_retire_early(const StrategyContext& context) {
  return std::make_unique<RetireEarly>(context);
}

}  // namespace ckptbench
