#include "harness/platform/aligned_bytes.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

namespace ckptbench {
namespace {

constexpr uint64_t kHugePage = 2 << 20;

// Of the mapping that holds this address, KiB; proc(5), smaps.
uint64_t huge_kib_at(const std::byte* memory) {
  const auto address = reinterpret_cast<uintptr_t>(memory);
  std::ifstream file("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    uintptr_t begin = 0;
    uintptr_t end = 0;
    char dash = 0;
    if (fields >> std::hex >> begin >> dash >> end && dash == '-') {
      inside = begin <= address && address < end;
    }
    if (inside && line.starts_with("AnonHugePages:")) return std::stoull(line.substr(14));
  }
  return 0;
}

bool kernel_has_huge_pages() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string text;
  std::getline(file, text);
  return text.find("[always]") != std::string::npos || text.find("[madvise]") != std::string::npos;
}

TEST(AlignedBytes, LargeOnesLieInHugePages) {
  if (!kernel_has_huge_pages()) GTEST_SKIP() << "this kernel has no transparent huge pages";
  const AlignedBytes memory = allocate_aligned(4 * kHugePage);
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory.get()) % kHugePage, 0u);
  std::memset(memory.get(), 1, 4 * kHugePage);
  EXPECT_EQ(huge_kib_at(memory.get()), 4 * kHugePage / 1024);
}

TEST(AlignedBytes, SmallOnesBeginAtAPage) {
  for (const uint64_t bytes : {uint64_t{0}, uint64_t{1}, uint64_t{4097}, kHugePage - 1}) {
    const AlignedBytes memory = allocate_aligned(bytes);
    ASSERT_NE(memory, nullptr) << bytes;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory.get()) % 4096, 0u) << bytes;
    std::memset(memory.get(), 1, bytes);
  }
}

TEST(AlignedBytes, AnImpossibleSizeIsNone) {
  for (const uint64_t bytes : {uint64_t{1} << 60, UINT64_MAX}) {
    errno = 0;
    EXPECT_EQ(allocate_aligned(bytes), nullptr);
    EXPECT_EQ(errno, ENOMEM) << bytes;
  }
}

}  // namespace
}  // namespace ckptbench
