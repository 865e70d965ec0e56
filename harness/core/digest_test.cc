#include "harness/core/digest.h"

#include <gtest/gtest.h>

#include <vector>

#include "harness/core/testing/processor_state.h"

namespace ckptbench {
namespace {

std::vector<std::byte> sample(size_t bytes) {
  std::vector<std::byte> content(bytes);
  for (size_t i = 0; i < bytes; ++i) content[i] = static_cast<std::byte>(i * 131 + i / 251);
  return content;
}

// Around each change of algorithm inside XXH3: 16, 128, 240 bytes, one stripe block, many.
const std::vector<size_t> kSizes{0,    1,    16,   17,    128,   129,     240,          241,
                                 1024, 1025, 4096, 65536, 65537, 1 << 20, (1 << 20) + 3};

TEST(Digest, LeavesTheVectorRegistersAsItFoundThem) {
  const std::string hidden = why_vector_state_is_hidden();
  if (!hidden.empty()) GTEST_SKIP() << "vector state is not visible: " << hidden;
  for (const size_t bytes : kSizes) {
    const std::vector<std::byte> content = sample(bytes);
    DigestStream stream;
    ProcessorState before = ProcessorState::before_call();
    digest_of(content);
    EXPECT_EQ(before.changes(), "") << "digest_of " << bytes << " bytes";
    before = ProcessorState::before_call();
    stream.add(content);
    EXPECT_EQ(before.changes(), "") << "DigestStream::add of " << bytes << " bytes";
    before = ProcessorState::before_call();
    stream.digest();
    EXPECT_EQ(before.changes(), "") << "DigestStream::digest of " << bytes << " bytes";
  }
}

TEST(Digest, OfPartsIsTheDigestOfTheWhole) {
  for (const size_t bytes : kSizes) {
    const std::vector<std::byte> content = sample(bytes);
    DigestStream stream;
    for (size_t begin = 0; begin < bytes; begin += 1000) {
      stream.add(std::span(content).subspan(begin, std::min<size_t>(1000, bytes - begin)));
    }
    EXPECT_EQ(stream.digest(), digest_of(content)) << bytes;
  }
}

}  // namespace
}  // namespace ckptbench
