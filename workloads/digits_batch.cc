#include "workloads/digits_batch.h"

#include "workloads/data.h"

namespace ckptbench {
namespace {

DigitBatches::Batch place(const DigitSet& set, at::Device device, std::vector<int64_t> shape) {
  shape.insert(shape.begin(), set.count);
  // Never written through: from_blob has no const form.
  auto* const pixels = const_cast<float*>(set.pixels.data());
  auto* const labels = const_cast<int64_t*>(set.labels.data());
  return {at::from_blob(pixels, shape, at::kFloat).to(device),
          at::from_blob(labels, {set.count}, at::kLong).to(device)};
}

}  // namespace

DigitBatches::DigitBatches(at::Device device, const std::vector<int64_t>& shape)
    : train_(place(digits_train(), device, shape)), test_(place(digits_test(), device, shape)) {}

DigitBatches::Batch DigitBatches::train(const std::vector<int64_t>& samples) const {
  auto* const numbers = const_cast<int64_t*>(samples.data());
  const at::Tensor index = at::from_blob(numbers, {static_cast<int64_t>(samples.size())}, at::kLong)
                               .to(train_.labels.device());
  return {train_.images.index_select(0, index), train_.labels.index_select(0, index)};
}

double DigitBatches::accuracy(const at::Tensor& logits) const {
  return logits.argmax(1).eq(test_.labels).to(at::kDouble).mean().item<double>();
}

}  // namespace ckptbench
