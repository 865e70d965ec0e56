#include <optional>

#include "strategies/broken/file_strategy.h"
#include "strategies/broken/strategies.h"

namespace ckptbench {
namespace {

// Flaw: one buffer for all saves. The next save copies into it while the one before is still to be
// written from it, so that this one holds tensors of both steps under a digest that fits them.
class SharedBuffer : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  Ticket save(const StateView& state, const SaveRequest& request) override {
    if (in_flight_) {
      for (size_t i = 1; i < in_flight_->tensors().size(); i += 2) {
        in_flight_->capture(i, context().device);
      }
      write();
    }
    in_flight_.emplace(layout(state, request));
    for (size_t i = 0; i < in_flight_->tensors().size(); ++i) {
      in_flight_->capture(i, context().device);
    }
    context().observer.captured(request.step);
    return ticket_ = record(Pending{});
  }

  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override {
    if (in_flight_ && deadline > std::chrono::steady_clock::now()) write();
    return outcome(ticket);
  }

 private:
  void write() {
    in_flight_->seal();
    decide(ticket_, commit(*in_flight_));
    in_flight_.reset();
  }

  std::optional<Image> in_flight_;
  Ticket ticket_;
};

}  // namespace

std::unique_ptr<Strategy> make_shared_buffer(const StrategyContext& context) {
  return std::make_unique<SharedBuffer>(context);
}

}  // namespace ckptbench
