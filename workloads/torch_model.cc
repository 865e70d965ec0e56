#include "workloads/torch_model.h"

namespace ckptbench {
namespace {

constexpr double kBatchNormMomentum = 0.1;
constexpr double kBatchNormEpsilon = 1e-5;

}  // namespace

at::Tensor BatchNorm::operator()(const at::Tensor& values, bool training) {
  if (training) batches.add_(1);
  return at::batch_norm(values, weight, bias, mean, variance, training, kBatchNormMomentum,
                        kBatchNormEpsilon, true);
}

at::Tensor Dropout::operator()(const at::Tensor& values) const {
  if (share_ <= 0) return values;
  at::Tensor mask;
  {
    const c10::NoGradGuard no_grad;
    const double keep = 1 - share_;
    mask = at::empty_like(values).bernoulli_(keep, generator_).div_(keep);
  }
  return values * mask;
}

void TorchModel::bind(std::vector<at::Tensor> parameters, std::vector<at::Tensor> buffers,
                      at::Device device) {
  parameters_ = std::move(parameters);
  buffers_ = std::move(buffers);
  device_ = device;
  bound();
}

}  // namespace ckptbench
