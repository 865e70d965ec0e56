// Host memory whose address suits direct I/O, in huge pages where the kernel has them: with pages
// of 4 KiB a direct read of 200 MB takes twice as long. Owned by its holder; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace ckptbench {

struct FreeAligned {
  std::byte* mapping = nullptr;  // begins at or before the memory; nullptr: it is the allocator's
  uint64_t mapped_bytes = 0;
  void operator()(std::byte* memory) const;
};
using AlignedBytes = std::unique_ptr<std::byte[], FreeAligned>;

// Whole pages, at least one. nullptr, with errno set, when there is none left.
AlignedBytes allocate_aligned(uint64_t bytes);

}  // namespace ckptbench
