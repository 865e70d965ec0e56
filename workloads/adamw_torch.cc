#include "workloads/adamw_torch.h"

#include <ATen/Parallel.h>

#include "workloads/torch_device.h"

namespace ckptbench {
namespace {

constexpr int64_t kAdamwGrain = 1 << 16;  // elements: below it a second thread does not pay

void update_host(const AdamWScalars& s, const AdamWTensors& tensors) {
  auto* const low = tensors.low ? reinterpret_cast<uint16_t*>(tensors.low->data) : nullptr;
  auto* const parameter = reinterpret_cast<float*>(tensors.parameter->data);
  auto* const moment1 = reinterpret_cast<float*>(tensors.moment1->data);
  auto* const moment2 = reinterpret_cast<float*>(tensors.moment2->data);
  const auto* const gradient = reinterpret_cast<const float*>(tensors.gradient->data);
  const auto count = static_cast<int64_t>(tensors.parameter->bytes / sizeof(float));
  at::parallel_for(0, count, kAdamwGrain, [&](int64_t begin, int64_t end) {
    if (low != nullptr) {
      adamw_update_bf16(s, low + begin, parameter + begin, moment1 + begin, moment2 + begin,
                        gradient + begin, end - begin);
    } else {
      adamw_update(s, parameter + begin, moment1 + begin, moment2 + begin, gradient + begin,
                   end - begin);
    }
  });
}

void update_device(const AdamWScalars& s, const AdamWTensors& tensors, at::Device device) {
  const at::Tensor gradient = tensor_on(*tensors.gradient, device);
  at::Tensor parameter = tensor_on(*tensors.parameter, device);
  at::Tensor moment1 = tensor_on(*tensors.moment1, device);
  at::Tensor moment2 = tensor_on(*tensors.moment2, device);
  moment1.mul_(s.beta1).add_(gradient, 1.0F - s.beta1);
  moment2.mul_(s.beta2).addcmul_(gradient, gradient, 1.0F - s.beta2);
  const at::Tensor root = moment2.sqrt().mul_(s.root_scale).add_(s.epsilon);
  parameter.mul_(s.decay).addcdiv_(moment1, root, -s.step_size);
  if (tensors.low != nullptr) tensor_on(*tensors.low, device).copy_(parameter);
}

}  // namespace

void adamw_update(const AdamWScalars& scalars, const AdamWTensors& tensors, at::Device device) {
  if (tensors.parameter->memory == MemoryKind::kCuda) {
    update_device(scalars, tensors, device);
  } else {
    update_host(scalars, tensors);
  }
}

}  // namespace ckptbench
