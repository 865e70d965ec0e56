#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_ops.h"
#include "strategies/broken/file_strategy.h"

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

BrokenRow in_place_row() {
  return {.name = "broken-in-place",
          .summary = "writes in place over the only file",
          .source = "https://github.com/Lightning-AI/pytorch-lightning/issues/688",
          .make = new_strategy<InPlace>,
          .fault = kill_at("truncate", "checkpoint.bin", 2, "after"),
          .data = DataVerdict::kDetectedUnrecoverable};
}

}  // namespace ckptbench
