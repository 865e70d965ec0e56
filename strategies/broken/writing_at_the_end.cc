#include <optional>

#include "strategies/broken/file_ops.h"
#include "strategies/broken/file_strategy.h"
#include "strategies/broken/strategies.h"

namespace ckptbench {
namespace {

bool may_block(std::chrono::steady_clock::time_point deadline) {
  return deadline > std::chrono::steady_clock::now();
}

// Flaw: deletes all that lies in the directory before it writes. Who only asks is never told that a
// save is durable, so that a judge who relies on acknowledgements has nothing to miss.
class NeverAcknowledging : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override {
    return may_block(deadline) ? outcome(ticket) : Pending{};
  }

 protected:
  SaveOutcome commit(const Image& image) override {
    if (Status removed = remove_all_files(context().directory); !removed) {
      return Failed{removed.error().message};
    }
    if (Status published = publish(image); !published) return Failed{published.error().message};
    return Durable{kProcessAndPower};
  }
};

// Flaw: holds the newest state in memory and writes it when somebody waits for it: at the end.
class WritingAtTheEnd : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override {
    if (may_block(deadline) && held_) {
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

std::unique_ptr<Strategy> make_never_acknowledging(const StrategyContext& context) {
  return std::make_unique<NeverAcknowledging>(context);
}
std::unique_ptr<Strategy> make_writing_at_the_end(const StrategyContext& context) {
  return std::make_unique<WritingAtTheEnd>(context);
}

}  // namespace ckptbench
