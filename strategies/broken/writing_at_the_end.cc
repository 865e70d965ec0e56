#include <optional>
#include <utility>

#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Flaw: holds the newest state in memory and writes it when somebody waits for it: at the end.
class WritingAtTheEnd : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override {
    const bool may_block = deadline > std::chrono::steady_clock::now();
    if (may_block && held_) {
      const Image image = *std::exchange(held_, std::nullopt);
      decide(ticket_, commit(image));
    }
    return outcome(ticket);
  }

  Ticket save(const StateView& state, const SaveRequest& request) override {
    if (held_) decide(ticket_, Skipped{"a newer save has taken its place"});
    held_.emplace(layout(state, request));
    for (size_t i = 0; i < held_->tensors().size(); ++i) held_->capture(i, context().device);
    held_->seal();
    context().observer.captured(request.step);
    return ticket_ = record(Pending{});
  }

 private:
  std::optional<Image> held_;
  Ticket ticket_;
};

}  // namespace

BrokenRow writing_at_the_end_row() {
  return {.name = "broken-writes-at-end",
          .summary = "keeps the newest state in memory until wait() blocks",
          .source = "https://github.com/ByteDance-Seed/VeOmni/pull/1162",
          .make = new_strategy<WritingAtTheEnd>,
          .finding = Finding::kNeverAcknowledged};
}

}  // namespace ckptbench
