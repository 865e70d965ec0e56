// Training waits until the checkpoint is decided: the encoder reads the live tensors.
#pragma once

#include "strategies/capture/capture.h"

namespace ckptbench {

class BlockingCapture : public Capture {
 public:
  bool detaches() const override { return false; }
  Result<Captured> take(const std::vector<TensorView>& tensors, const Layout& layout) override {
    static_cast<void>(layout);
    return Captured{.tensors = tensors, .image = nullptr};
  }
};

}  // namespace ckptbench
