#include "strategies/capture/copy.h"

#include <gtest/gtest.h>

#include <vector>

#include "harness/core/prng.h"

namespace ckptbench {
namespace {

TEST(StreamCopy, CopiesExactlyWhateverTheAlignment) {
  constexpr uint64_t kRoom = 600 * 1024;
  Prng prng(1);
  std::vector<std::byte> from(kRoom);
  for (std::byte& byte : from) byte = static_cast<std::byte>(prng.next());
  for (const uint64_t bytes : {0, 1, 63, 4096, 262143, 262144, 262145, 500001}) {
    for (const uint64_t shift : {0, 1, 17, 63}) {
      std::vector<std::byte> to(kRoom, std::byte{0});
      stream_copy(to.data() + shift, from.data() + 3, bytes);
      EXPECT_TRUE(std::equal(to.begin() + shift, to.begin() + shift + bytes, from.begin() + 3));
      for (uint64_t i = 0; i < shift; ++i) EXPECT_EQ(to[i], std::byte{0});
      for (uint64_t i = shift + bytes; i < kRoom; ++i) ASSERT_EQ(to[i], std::byte{0}) << i;
    }
  }
}

TEST(CopyDigest, IsTheDigestOfTheCopyForEverySize) {
  for (const size_t bytes : {0, 1, 240, 262144, 262145, 1000001}) {
    Prng prng(bytes);
    std::vector<std::byte> from(bytes);
    for (std::byte& byte : from) byte = static_cast<std::byte>(prng.next());
    std::vector<std::byte> to(bytes);
    EXPECT_EQ(copy_digest(to.data(), from), digest_of(from)) << bytes;
    EXPECT_EQ(to, from);
  }
}

}  // namespace
}  // namespace ckptbench
