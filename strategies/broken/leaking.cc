#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_ops.h"
#include "strategies/broken/file_strategy.h"

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

BrokenRow leaking_row() {
  return {.name = "broken-leak",
          .summary = "leaves a descriptor, a file and a buffer behind with each save",
          .source = "https://github.com/pytorch/pytorch/issues/170163",
          .make = new_strategy<Leaking>,
          .finding = Finding::kLeak};
}

BrokenRow leaking_heap_row() {
  return {.name = "broken-leak-heap",
          .summary = "keeps 5 KiB of memory with each save",
          .source = "https://github.com/pytorch/pytorch/issues/170163",
          .make = new_strategy<LeakingHeap>,
          .finding = Finding::kLeak};
}

}  // namespace ckptbench
