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
    Result<PieceFile> stray = PieceFile::create(path(file_name(image.seq()) + ".partial"));
    if (!stray) return stray.error();
    if (Status written = stray.value().write(image.bytes()); !written) return written;
    stray.value().release();
    kept_.emplace_back(image.bytes().begin(), image.bytes().end());
    return FileStrategy::publish(image);
  }

 private:
  std::vector<std::vector<std::byte>> kept_;
};

// Flaw: each save leaves a few notes in memory, and nothing else: too little to show in a page
// count, where it fits into what malloc has already touched.
class LeakingHeap : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  Status publish(const Image& image) override {
    kept_.emplace_back(kNotes);
    return FileStrategy::publish(image);
  }

 private:
  static constexpr size_t kNotes = 5120;  // bytes; just above what the harness calls a leak
  std::vector<std::vector<std::byte>> kept_;
};

}  // namespace

std::unique_ptr<Strategy> make_leaking(const StrategyContext& context) {
  return std::make_unique<Leaking>(context);
}

std::unique_ptr<Strategy> make_leaking_heap(const StrategyContext& context) {
  return std::make_unique<LeakingHeap>(context);
}

}  // namespace ckptbench
