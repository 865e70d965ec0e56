
#include "harness/platform/file.h"
#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_ops.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Keeps the `count` newest, and tells nobody of those that go.
class CountingRetention : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  Status retain(std::span<const uint64_t> seqs) override {
    const std::vector<CheckpointInfo> newest_first = list();
    for (size_t i = count(seqs); i < newest_first.size(); ++i) {
      const std::string file = path(file_name(newest_first[i].seq));
      if (Status removed = remove_file(file); !removed) return removed;
    }
    return {};
  }

 protected:
  virtual size_t count(std::span<const uint64_t> seqs) const = 0;
};

// Flaw: takes retention for "the old ones may go".
class KeepNewest : public CountingRetention {
 public:
  using CountingRetention::CountingRetention;

 protected:
  size_t count(std::span<const uint64_t>) const override { return 1; }
};

// Flaw: keeps as many as it is told to, but by age: the best one goes.
class ForgetBest : public CountingRetention {
 public:
  using CountingRetention::CountingRetention;

 protected:
  size_t count(std::span<const uint64_t> seqs) const override { return seqs.size(); }
};

}  // namespace

BrokenRow keep_newest_row() {
  return {.name = "broken-keep-newest",
          .summary = "deletes all but the newest, whatever it is told to keep",
          .source = "https://github.com/OpenPipe/ART/issues/117",
          .make = new_strategy<KeepNewest>,
          .finding = Finding::kRetentionBroken};
}
BrokenRow forget_best_row() {
  return {.name = "broken-forget-best",
          .summary = "keeps the newest ones in place of the best",
          .source = "https://github.com/huggingface/transformers/pull/39560",
          .make = new_strategy<ForgetBest>,
          .finding = Finding::kRetentionBroken};
}

}  // namespace ckptbench
