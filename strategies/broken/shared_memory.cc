#include <cstring>
#include <optional>
#include <vector>

#include "harness/platform/device.h"
#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Flaw: one staging buffer for all saves. The writer has come half-way through it when the next
// save copies its state there; what it writes then is of that save, under a digest that fits.
class SharedBuffer : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  Ticket save(const StateView& state, const SaveRequest& request) override {
    const StateView staged = stage(state);
    write_rest();
    in_flight_.emplace(layout(staged, request));
    for (; written_ < in_flight_->tensors().size() / 2; ++written_) write_next();
    context().observer.captured(request.step);
    return ticket_ = record(Pending{});
  }

  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override {
    if (deadline > std::chrono::steady_clock::now()) write_rest();
    return outcome(ticket);
  }

 private:
  // The tensors as they lie in the buffer from now on.
  StateView stage(const StateView& state) {
    StateView staged = state;
    buffer_.resize(state.logical_bytes());
    std::byte* to = buffer_.data();
    for (TensorView& view : staged.tensors) {
      if (view.alias_of) continue;
      copy_to_host(to, view);
      view.data = to;
      view.memory = MemoryKind::kHost;
      to += view.bytes;
    }
    return staged;
  }

  void copy_to_host(std::byte* to, const TensorView& view) {
    if (view.memory != MemoryKind::kCuda) {
      if (view.bytes > 0) std::memcpy(to, view.data, view.bytes);
      return;
    }
    const auto stream = context().device.make_stream();
    stream->wait_for_training();
    stream->to_host(to, view.data, view.bytes);
    stream->wait();
  }

  void write_next() { in_flight_->capture(written_, context().device); }

  void write_rest() {
    if (!in_flight_) return;
    for (; written_ < in_flight_->tensors().size(); ++written_) write_next();
    written_ = 0;
    in_flight_->seal();
    decide(ticket_, commit(*in_flight_));
    in_flight_.reset();
  }

  std::vector<std::byte> buffer_;
  std::optional<Image> in_flight_;
  size_t written_ = 0;  // tensors of it
  Ticket ticket_;
};

}  // namespace

BrokenRow shared_buffer_row() {
  return {.name = "broken-shared-buffer",
          .summary = "the next save overwrites the buffer that is still being written",
          .source = "https://github.com/bghira/SimpleTuner/pull/2714",
          .make = new_strategy<SharedBuffer>,
          .fault = kill_at("rename", "*", 4, "before"),
          .data = DataVerdict::kDiverged,
          .component = Role::kBuffer};
}

}  // namespace ckptbench
