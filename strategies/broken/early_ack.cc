#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

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

BrokenRow early_ack_row() {
  return {.name = "broken-early-ack",
          .summary = "reports a checkpoint as durable before it is written",
          .source = "https://github.com/NVIDIA-NeMo/Megatron-Bridge/pull/5117",
          .make = new_strategy<EarlyAck>,
          .fault = kill_at("rename", "*", 2, "before"),
          .data = DataVerdict::kLostAck};
}

}  // namespace ckptbench
