// The digit images as tensors on a device: batches to train on, the whole test set, and the
// accuracy on it. Owned by a model; one training thread.
#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace ckptbench {

class DigitBatches {
 public:
  // shape: of one image, {64} or {1, 8, 8}.
  DigitBatches(at::Device device, const std::vector<int64_t>& shape);

  struct Batch {
    at::Tensor images;
    at::Tensor labels;
  };
  Batch train(const std::vector<int64_t>& samples) const;
  const Batch& test() const { return test_; }
  // Share of the test images, [0, 1], whose largest logit is the label's.
  double accuracy(const at::Tensor& logits) const;

 private:
  Batch train_;
  Batch test_;
};

}  // namespace ckptbench
