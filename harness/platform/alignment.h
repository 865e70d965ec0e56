// The alignment that suits direct I/O: files are laid out so that most reads and writes keep to it.
#pragma once

#include <cstdint>

namespace ckptbench {

// Bytes: offsets, sizes and addresses that suit direct I/O.
inline constexpr uint64_t kStoreAlignment = 4096;

constexpr uint64_t align_down(uint64_t bytes) {
  return bytes / kStoreAlignment * kStoreAlignment;
}
// REQUIRES: at least kStoreAlignment below the largest number.
constexpr uint64_t align_up(uint64_t bytes) {
  return align_down(bytes + kStoreAlignment - 1);
}

}  // namespace ckptbench
