#include "harness/platform/aligned_bytes.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "harness/platform/alignment.h"

namespace ckptbench {
namespace {

constexpr uint64_t kHugePage = 2 << 20;
constexpr uint64_t kMostBytes = UINT64_MAX / 2;

// A mapping begins at any page; the memory at the first huge one in it.
AlignedBytes allocate_huge(uint64_t bytes) {
  const uint64_t mapped = bytes + kHugePage;
  void* mapping =
      ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) return {};
  const uint64_t beyond = reinterpret_cast<uintptr_t>(mapping) % kHugePage;
  auto* const begin = static_cast<std::byte*>(mapping);
  std::byte* const memory = begin + (kHugePage - beyond) % kHugePage;
  // Advice only: a kernel without huge pages refuses it and everything works as before.
  ::madvise(memory, bytes, MADV_HUGEPAGE);
  return {memory, FreeAligned{begin, mapped}};
}

}  // namespace

void FreeAligned::operator()(std::byte* memory) const {
  if (mapping == nullptr) {
    std::free(memory);
  } else {
    ::munmap(mapping, mapped_bytes);
  }
}

AlignedBytes allocate_aligned(uint64_t bytes) {
  if (bytes > kMostBytes) {
    errno = ENOMEM;
    return {};
  }
  const uint64_t rounded = align_up(std::max<uint64_t>(bytes, 1));
  if (bytes >= kHugePage) return allocate_huge(rounded);
  return AlignedBytes(static_cast<std::byte*>(std::aligned_alloc(kStoreAlignment, rounded)));
}

}  // namespace ckptbench
