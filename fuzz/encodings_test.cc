#include "fuzz/encodings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strategies/encode/codec.h"
#include "strategies/stages.h"

namespace ckptbench {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::IsSupersetOf;

TEST(TriedEncodings, HaveAllThatIsShipped) {
  EXPECT_THAT(tried_encodings(native_stages()),
              IsSupersetOf({"raw", "planes", "zstd", "planes+zstd", "zstd+planes", "zstd+zstd",
                            "dedup", "raw+zstd", "+"}));
}

// The row is enough for a codec to be fuzzed: alone, in pairs and in the chain of all.
TEST(TriedEncodings, HaveACodecThatIsAdded) {
  std::vector<StageRow> rows = native_stages();
  rows.push_back({.name = "xor", .summary = "", .make = MakeCodec([](const Params&) {
                                                  return std::unique_ptr<Codec>();
                                                })});
  const std::vector<CodecChain> chains = codec_chains(rows);
  std::string all;
  for (const StageRow* row : chains.front())
    all += (all.empty() ? "" : "+") + std::string(row->name);
  EXPECT_THAT(tried_encodings(rows),
              IsSupersetOf({std::string("xor"), std::string("xor+xor"), std::string("zstd+xor"),
                            std::string("xor+zstd"), all}));
  EXPECT_THAT(all, EndsWith("+xor"));
  EXPECT_THAT(chains, Contains(CodecChain{&rows.back()}));
  EXPECT_EQ(chains.front().back(), &rows.back());
}

}  // namespace
}  // namespace ckptbench
