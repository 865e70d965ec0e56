#include "strategies/broken/file_ops.h"
#include "strategies/broken/file_strategy.h"
#include "strategies/broken/strategies.h"

namespace ckptbench {
namespace {

// Flaw: there is one file, and saving begins by emptying it.
class InPlace : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  std::string file_name(uint64_t) const override { return "checkpoint.bin"; }

  Status publish(const Image& image) override {
    Result<PieceFile> file = PieceFile::create(path(file_name(image.seq())));
    if (!file) return file.error();
    if (Status emptied = file.value().resize(0); !emptied) return emptied;
    if (Status written = file.value().write(image.bytes()); !written) return written;
    return file.value().sync();
  }
};

}  // namespace

std::unique_ptr<Strategy> make_in_place(const StrategyContext& context) {
  return std::make_unique<InPlace>(context);
}

}  // namespace ckptbench
