// The bytes of a dense tensor, computed so that no shape read from a file can make it wrap around.
// Free function; any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/tensor_view.h"

namespace ckptbench {

// Sizes up to here can be added and compared without wrapping around.
inline constexpr uint64_t kMaxShapeBytes = 1ULL << 62;

// Nothing when an extent is negative or the product exceeds kMaxShapeBytes.
inline std::optional<uint64_t> shape_bytes(const std::vector<int64_t>& shape, DType dtype) {
  uint64_t product = dtype_bytes(dtype);
  // An empty tensor is empty however large its other extents are.
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) product = 0;
  for (const int64_t extent : shape) {
    if (extent < 0) return std::nullopt;
    if (__builtin_mul_overflow(product, static_cast<uint64_t>(extent), &product)) {
      return std::nullopt;
    }
  }
  return product <= kMaxShapeBytes ? std::optional(product) : std::nullopt;
}

}  // namespace ckptbench
