#include "strategies/broken/file_ops.h"
#include "strategies/broken/file_strategy.h"
#include "strategies/broken/strategies.h"

namespace ckptbench {
namespace {

// Flaw: each save leaves an open descriptor, a stray file and its staging buffer behind.
class Leaking : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  Status publish(const Image& image) override {
    Result<OpenFile> stray = OpenFile::create(path(file_name(image.seq()) + ".partial"));
    if (!stray) return stray.error();
    if (Status written = stray.value().write(image.bytes()); !written) return written;
    stray.value().release();
    kept_.emplace_back(image.bytes().begin(), image.bytes().end());
    return FileStrategy::publish(image);
  }

 private:
  std::vector<std::vector<std::byte>> kept_;
};

}  // namespace

std::unique_ptr<Strategy> make_leaking(const StrategyContext& context) {
  return std::make_unique<Leaking>(context);
}

}  // namespace ckptbench
