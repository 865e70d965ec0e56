#include "workloads/adamw.h"

#include <bit>
#include <cmath>

namespace ckptbench {
namespace {

inline float update_one(const AdamWScalars& s, float parameter, float& m, float& v, float g) {
  m = s.beta1 * m + (1.0F - s.beta1) * g;
  v = s.beta2 * v + (1.0F - s.beta2) * (g * g);
  return parameter * s.decay - s.step_size * m / (__builtin_sqrtf(v) * s.root_scale + s.epsilon);
}

inline uint16_t round_bf16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return static_cast<uint16_t>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}

}  // namespace

AdamWScalars adamw_scalars(const AdamW& options, double learning_rate, int64_t step) {
  const double correction1 = 1 - std::pow(options.beta1, static_cast<double>(step));
  const double correction2 = 1 - std::pow(options.beta2, static_cast<double>(step));
  AdamWScalars scalars;
  scalars.decay = static_cast<float>(1 - learning_rate * options.weight_decay);
  scalars.beta1 = static_cast<float>(options.beta1);
  scalars.beta2 = static_cast<float>(options.beta2);
  scalars.step_size = static_cast<float>(learning_rate / correction1);
  scalars.root_scale = static_cast<float>(1 / std::sqrt(correction2));
  scalars.epsilon = static_cast<float>(options.epsilon);
  return scalars;
}

void adamw_update(const AdamWScalars& scalars, float* __restrict parameter,
                  float* __restrict moment1, float* __restrict moment2,
                  const float* __restrict gradient, int64_t count) {
  const AdamWScalars s = scalars;
  for (int64_t i = 0; i < count; ++i) {
    parameter[i] = update_one(s, parameter[i], moment1[i], moment2[i], gradient[i]);
  }
}

void adamw_update_bf16(const AdamWScalars& scalars, uint16_t* __restrict low,
                       float* __restrict master, float* __restrict moment1,
                       float* __restrict moment2, const float* __restrict gradient, int64_t count) {
  const AdamWScalars s = scalars;
  for (int64_t i = 0; i < count; ++i) {
    const float value = update_one(s, master[i], moment1[i], moment2[i], gradient[i]);
    master[i] = value;
    low[i] = round_bf16(value);
  }
}

}  // namespace ckptbench
