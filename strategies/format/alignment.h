// The alignment that suits direct I/O: files are laid out so that most reads and writes keep to it.
#pragma once

#include <cstdint>

namespace ckptbench {

// Bytes: offsets, sizes and addresses that suit direct I/O.
inline constexpr uint64_t kStoreAlignment = 4096;

}  // namespace ckptbench
