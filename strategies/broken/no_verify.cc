#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_ops.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Flaw: the file has its final name and size from the start, and restore takes the newest as it is:
// what was not yet written reads as zeros.
class NoVerify : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  bool verifies() const override { return false; }

  Status publish(const Image& image) override {
    Result<PieceFile> file = PieceFile::create(path(file_name(image.seq())));
    if (!file) return file.error();
    const auto header = image.bytes().first(image.data_begin());
    const auto data = image.bytes().subspan(image.data_begin());
    if (Status sized = file.value().resize(image.bytes().size()); !sized) return sized;
    if (Status written = file.value().write(header); !written) return written;
    if (Status written = file.value().write(data); !written) return written;
    return file.value().sync();
  }
};

}  // namespace

BrokenRow no_verify_row() {
  return {.name = "broken-no-verify",
          .summary = "restores the newest file without looking at its digest",
          .source = "https://github.com/pytorch/pytorch/issues/126952",
          .make = new_strategy<NoVerify>,
          .fault = kill_at("write", "checkpoint-2.bin", 2, "before"),
          .data = DataVerdict::kSilentCorrupt,
          .component = Role::kParameter};
}

}  // namespace ckptbench
