#include "harness/platform/file.h"
#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_ops.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Flaw: the temporary takes the checkpoint's name when half of it is written; the rest follows
// through the descriptor.
class EarlyRename : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  std::string file_name(uint64_t) const override { return "checkpoint.bin"; }

  Status publish(const Image& image) override {
    const std::string target = path(file_name(image.seq()));
    Result<PieceFile> file = PieceFile::create(target + ".tmp");
    if (!file) return file.error();
    if (Status emptied = file.value().resize(0); !emptied) return emptied;
    const size_t half = image.bytes().size() / 2;
    if (Status written = file.value().write(image.bytes().first(half)); !written) return written;
    if (Status renamed = rename_file(target + ".tmp", target); !renamed) return renamed;
    if (Status written = file.value().write(image.bytes().subspan(half)); !written) return written;
    if (Status synced = file.value().sync(); !synced) return synced;
    return sync_directory(context().directory);
  }
};

}  // namespace

BrokenRow early_rename_row() {
  return {.name = "broken-early-rename",
          .summary = "gives the file its final name when half of it is written",
          .source = "https://github.com/KempnerInstitute/KempnerForge/issues/102",
          .make = new_strategy<EarlyRename>,
          .fault = kill_at("rename", "*", 2, "after"),
          .data = DataVerdict::kDetectedUnrecoverable};
}

}  // namespace ckptbench
