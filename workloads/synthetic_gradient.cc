#include "workloads/synthetic_gradient.h"

namespace ckptbench {
namespace {

// Finalizer of MurmurHash3 (A. Appleby, public domain): every input bit reaches every output bit.
inline uint32_t mix(uint32_t value) {
  value ^= value >> 16;
  value *= 0x85ebca6bU;
  value ^= value >> 13;
  value *= 0xc2b2ae35U;
  return value ^ (value >> 16);
}

}  // namespace

void synthetic_gradient(uint64_t key, uint64_t first, float scale, float* values, int64_t count) {
  // The high half of the position goes into the key, so that long streams do not repeat.
  const auto low = static_cast<uint32_t>(key);
  const auto high = static_cast<uint32_t>(key >> 32);
  const float unit = scale * 0x1.0p-16F;
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t position = first + static_cast<uint64_t>(i);
    const auto block = static_cast<uint32_t>(position >> 32);
    const uint32_t hash =
        mix((static_cast<uint32_t>(position) ^ low) + (block ^ high) * 0x9e3779b9U);
    const auto sum = static_cast<int32_t>((hash & 0xffffU) + (hash >> 16)) - 0xffff;
    values[i] = static_cast<float>(sum) * unit;
  }
}

}  // namespace ckptbench
