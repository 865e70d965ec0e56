#include "harness/platform/file.h"
#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_ops.h"
#include "strategies/broken/file_strategy.h"

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

BrokenRow retire_early_row() {
  return {.name = "broken-retire-early",
          .summary = "deletes the old checkpoint before the new one is written",
          .source = "https://github.com/Lightning-AI/pytorch-lightning/issues/1150",
          .make = new_strategy<RetireEarly>,
          .fault = kill_at("unlink", "*", 1, "after"),
          .data = DataVerdict::kSilentRestart};
}

}  // namespace ckptbench
