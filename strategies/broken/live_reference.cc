#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Flaw: save() returns while the background thread still reads the live tensors. The thread is
// gated, so that what a slow disk does now and then happens every time: it has serialised half of
// the parameters when the next update comes, and reads the rest after it.
class LiveReference : public FileStrategy {
 public:
  explicit LiveReference(const StrategyContext& context)
      : FileStrategy(context), writer_([this](const std::stop_token& stop) { serve(stop); }) {}
  ~LiveReference() override {
    release();
    finish();
  }

  Ticket save(const StateView& state, const SaveRequest& request) override {
    release();
    finish();
    Image image = layout(state, request);
    const size_t taken = half_of_parameters(image);
    for (size_t i = 0; i < taken; ++i) image.capture(i, context().device);
    context().observer.captured(request.step);
    const Ticket ticket = record(Pending{});
    const std::scoped_lock lock(mutex_);
    pending_.emplace(Pend{std::move(image), taken, ticket});
    buckets_updated_ = 0;
    return ticket;
  }

  // The update that follows the first before_update has happened once the loop comes back here
  // for the same bucket, or calls anything else.
  void before_update(std::span<const TensorView> tensors, std::span<const TensorView>) override {
    if (tensors.empty()) return;
    const bool again = first_bucket_ == tensors.front().name && updating();
    if (first_bucket_.empty()) first_bucket_ = tensors.front().name;
    if (again) {
      release();
      finish();
    }
    const std::scoped_lock lock(mutex_);
    ++buckets_updated_;
  }

  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override {
    // A poll before the update decides nothing; a wait with a deadline gets a whole checkpoint.
    if (updating() || deadline > std::chrono::steady_clock::now()) {
      release();
      finish();
    }
    return outcome(ticket);
  }

 private:
  struct Pend {
    Image image;
    size_t taken = 0;
    Ticket ticket;
  };

  static size_t half_of_parameters(const Image& image) {
    size_t parameters = 0;
    for (const TensorView& view : image.tensors()) parameters += view.role == Role::kParameter;
    size_t seen = 0;
    size_t index = 0;
    while (index < image.tensors().size() && seen < (parameters + 1) / 2) {
      seen += image.tensors()[index++].role == Role::kParameter;
    }
    return index;
  }
  bool updating() {
    const std::scoped_lock lock(mutex_);
    return pending_ && buckets_updated_ > 0;
  }
  void release() {
    const std::scoped_lock lock(mutex_);
    released_ = pending_.has_value();
    work_.notify_one();
  }
  void finish() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return !pending_; });
  }
  void serve(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any work_;
  std::condition_variable done_;
  std::optional<Pend> pending_;  // under mutex_ but for its image, which the thread owns
  bool released_ = false;
  uint64_t buckets_updated_ = 0;  // since the save
  std::string first_bucket_;      // the training thread's
  std::jthread writer_;           // last: joined before what it uses is gone
};

void LiveReference::serve(const std::stop_token& stop) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!work_.wait(lock, stop, [&] { return released_; })) return;
      released_ = false;
    }
    Image& image = pending_->image;
    for (size_t i = pending_->taken; i < image.tensors().size(); ++i) {
      image.capture(i, context().device);
    }
    image.seal();
    SaveOutcome outcome = commit(image);
    const std::scoped_lock lock(mutex_);
    decide(pending_->ticket, std::move(outcome));
    pending_.reset();
    done_.notify_all();
  }
}

}  // namespace

BrokenRow live_reference_row() {
  return {.name = "broken-live-reference",
          .summary = "saves in the background from the live tensors: mixed steps",
          .source = "https://github.com/Lightning-AI/pytorch-lightning/issues/20953",
          .make = new_strategy<LiveReference>,
          .data = DataVerdict::kSilentCorrupt,
          .component = Role::kParameter};
}

}  // namespace ckptbench
