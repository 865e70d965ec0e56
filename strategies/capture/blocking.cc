// Training waits until the checkpoint is decided: the writer reads the live tensors.
#include "strategies/api/stage.h"
#include "strategies/capture/capture.h"

namespace ckptbench {
namespace {

class BlockingCapture : public Capture {
 public:
  Result<Captured> prepare(const std::vector<TensorView>& tensors,
                           const Layout& /*layout*/) override {
    return Captured{.tensors = tensors, .image = nullptr};
  }
  Result<Captured> take(const std::vector<TensorView>& tensors, const Layout& layout) override {
    return prepare(tensors, layout);
  }
};

}  // namespace

StageRow blocking_stage() {
  return {.name = "blocking",
          .summary = "training waits until the checkpoint is durable",
          .make = MakeCapture([](const StrategyContext&, const Params&) {
            return std::unique_ptr<Capture>(new BlockingCapture);
          })};
}

}  // namespace ckptbench
