#include "workloads/loss_scaler.h"

#include <algorithm>

namespace ckptbench {
namespace {

constexpr double kLargestHalf = 65504;  // of fp16
constexpr float kLargestScale = 0x1.0p100F;
constexpr float kSmallestScale = 1;

}  // namespace

bool LossScaler::overflows(double largest) const {
  return !(largest <= kLargestHalf);
}

void LossScaler::after_update(float& scale, int32_t& growth) const {
  if (++growth < growth_interval) return;
  growth = 0;
  scale = std::min(scale * 2, kLargestScale);
}

void LossScaler::after_overflow(float& scale, int32_t& growth) const {
  growth = 0;
  scale = std::max(scale / 2, kSmallestScale);
}

}  // namespace ckptbench
