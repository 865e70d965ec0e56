#include <optional>

#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Copies the state in save() and writes the file when training goes on: right, as long as it is
// not reported as durable before that. Nothing is reported to the observer at all.
class WriteBehind : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  Ticket save(const StateView& state, const SaveRequest& request) override {
    write_pending();
    pending_.emplace(layout(state, request));
    for (size_t i = 0; i < pending_->tensors().size(); ++i) {
      pending_->capture(i, context().device);
    }
    pending_->seal();
    context().observer.captured(request.step);
    return ticket_ = record(Pending{});
  }

  void before_update(std::span<const TensorView>, std::span<const TensorView>) override {
    write_pending();
  }

 protected:
  void write_pending() {
    if (!pending_) return;
    const Status published = publish(*pending_);
    pending_.reset();
    if (published) return decide(ticket_, Durable{kProcessAndPower});
    decide(ticket_, Failed{published.error().message});
  }

 private:
  std::optional<Image> pending_;
  Ticket ticket_;
};

// Flaw: wait() says durable while the file is still to be written.
class EarlyWait : public WriteBehind {
 public:
  using WriteBehind::WriteBehind;

  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point) override {
    const SaveOutcome known = outcome(ticket);
    return std::holds_alternative<Pending>(known) ? Durable{kProcessAndPower} : known;
  }
};

// Flaw: declares no background work, so that the return of save() is its word, and writes later.
class EarlyReturn : public WriteBehind {
 public:
  using WriteBehind::WriteBehind;

  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override {
    if (deadline > std::chrono::steady_clock::now()) write_pending();
    return outcome(ticket);
  }
};

// Flaw: a save reaches the disk only when the next one comes, and the last one never does.
class LastSaveLost : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  SaveOutcome commit(const Image& image) override {
    const std::optional<Image> before = std::exchange(kept_, image);
    if (before) {
      if (const Status published = publish(*before); !published) {
        return Failed{published.error().message};
      }
    }
    context().observer.durable(image.request().step, image.seq(), kProcessAndPower);
    return Durable{kProcessAndPower};
  }

 private:
  std::optional<Image> kept_;
};

}  // namespace

BrokenRow early_wait_row() {
  return {.name = "broken-early-wait",
          .summary = "wait() says durable before the file is written",
          .source = "https://github.com/pytorch/torchtitan/pull/4270",
          .make = new_strategy<EarlyWait>,
          .fault = kill_at("rename", "*", 2, "before"),
          .data = DataVerdict::kLostAck};
}
BrokenRow early_return_row() {
  return {.name = "broken-early-return",
          .summary = "declares no background work, and writes after save() has returned",
          .source = "https://github.com/pytorch/torchtitan/issues/930",
          .make = new_strategy<EarlyReturn>,
          .fault = kill_at("rename", "*", 2, "before"),
          .data = DataVerdict::kLostAck,
          .finding = Finding::kUndeclaredBackground,
          .background = false};
}
BrokenRow last_save_lost_row() {
  return {.name = "broken-last-save",
          .summary = "writes a save when the next one comes: the last one is lost",
          .source = "https://github.com/intelligent-machine-learning/dlrover/issues/1378",
          .make = new_strategy<LastSaveLost>,
          .data = DataVerdict::kLostAck};
}

}  // namespace ckptbench
