#include <stdexcept>

#include "strategies/broken/file_strategy.h"
#include "strategies/broken/strategies.h"

namespace ckptbench {
namespace {

// Flaw: the second save meets an error of the disk, and it ends the training.
class Raising : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  Status publish(const Image& image) override {
    if (++saves_ == 2) throw std::runtime_error("write checkpoint-2.bin: Input/output error");
    return FileStrategy::publish(image);
  }

 private:
  int saves_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> make_raising(const StrategyContext& context) {
  return std::make_unique<Raising>(context);
}

}  // namespace ckptbench
