#include "strategies/format/names.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

TEST(StoredNames, RoundTrip) {
  for (const uint64_t seq : {uint64_t{1}, uint64_t{12}, uint64_t{123456789}, kMaxSeq}) {
    for (const char* file : {"manifest", "manifest.tmp", "r0000.safetensors", "r0000.chunks.tmp",
                             "r0001.a", "r12345.a"}) {
      const auto parsed = parse_stored_name(stored_name(seq, file));
      ASSERT_TRUE(parsed) << stored_name(seq, file);
      EXPECT_EQ(parsed->seq, seq);
      EXPECT_EQ(parsed->file, file);
      EXPECT_EQ(parsed->temporary, std::string(file).ends_with(".tmp"));
    }
  }
  EXPECT_EQ(stored_name(12, "manifest"), "ckpt-00000012.manifest");
}

// The next number is one more than the highest found.
TEST(StoredNames, NoNameMakesTheNextNumberWrapAround) {
  for (const uint64_t seq : {uint64_t{0}, kMaxSeq + 1, UINT64_MAX}) {
    EXPECT_FALSE(parse_stored_name(stored_name(seq, "manifest"))) << seq;
  }
}

TEST(StoredNames, OnlyTheCanonicalFormIsOurs) {
  for (const char* name : {"",
                           "ckpt-",
                           "ckpt-12.manifest",
                           "ckpt-000000012.manifest",
                           "ckpt-00000012",
                           "ckpt-00000012.",
                           "ckpt-00000012..tmp",
                           "ckpt-00000012.r0000.a b",
                           "ckpt-+0000012.r0000.a",
                           "ckpt-0000001x.r0000.a",
                           "ckpt-99999999999999999999.r0000.a",
                           "LEASE",
                           "xckpt-00000012.r0000.a",
                           "ckpt-00000012.r0000.a..b",
                           "ckpt-00000012.a",
                           "ckpt-00000012.pt",
                           "ckpt-00000012.r000.a",
                           "ckpt-00000012.r0000",
                           "ckpt-00000012.r0000.",
                           "ckpt-00000012.r0000..a",
                           "ckpt-00000012.0000.a",
                           "ckpt-00000012.r0000x.a",
                           "ckpt-00000012.pt.tmp",
                           "ckpt-00000012.manifest.json"}) {
    EXPECT_FALSE(parse_stored_name(name)) << name;
  }
}

}  // namespace
}  // namespace ckptbench
