// Byte planes: all bytes of one significance together, most significant plane first, because the
// exponents of trained floats repeat and their mantissas do not. Floats are first rotated left by
// one bit, so that the sign moves below the mantissa and the exponent fills whole bytes of its own
// (F32 and BF16: exactly one). Bytes beyond the last whole element follow unchanged. The transform
// depends on the dtype alone and is part of the on-disk format. Free functions; any thread.
#pragma once

#include <cstddef>
#include <span>

#include "harness/core/tensor_view.h"

namespace ckptbench {

// REQUIRES of both: sizes are equal, no overlap.
void split_planes(DType dtype, std::span<const std::byte> elements, std::span<std::byte> planes);
void join_planes(DType dtype, std::span<const std::byte> planes, std::span<std::byte> elements);

}  // namespace ckptbench
