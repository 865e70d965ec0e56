#include <stdexcept>

#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

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

BrokenRow raising_row() {
  return {.name = "broken-raises",
          .summary = "a write error in its second save ends the training",
          .source = "https://github.com/rwth-i6/returnn/issues/1829",
          .make = new_strategy<Raising>,
          .finding = Finding::kTrainerKilled};
}

}  // namespace ckptbench
