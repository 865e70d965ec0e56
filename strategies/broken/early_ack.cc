#include "strategies/broken/file_strategy.h"
#include "strategies/broken/strategies.h"

namespace ckptbench {
namespace {

// Flaw: reports the checkpoint as durable before the first byte is written.
class EarlyAck : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  SaveOutcome commit(const Image& image) override {
    context().observer.durable(image.request().step, image.seq(), kProcessAndPower);
    if (const Status published = publish(image); !published) {
      return Failed{published.error().message};
    }
    return Durable{kProcessAndPower};
  }
};

}  // namespace

std::unique_ptr<Strategy> make_early_ack(const StrategyContext& context) {
  return std::make_unique<EarlyAck>(context);
}

}  // namespace ckptbench
