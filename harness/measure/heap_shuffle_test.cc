// Whether windows differ in where the heap puts what their steps allocate.
#include "harness/measure/heap_shuffle.h"

#include <gtest/gtest.h>

#include <set>

namespace ckptbench {
namespace {

TEST(HeapShuffle, HoldsOtherBlocksEachTime) {
  HeapShuffle shuffle(1);
  EXPECT_EQ(shuffle.bytes(), 0U);
  std::set<uint64_t> held;
  for (int i = 0; i < 20; ++i) {
    shuffle.run();
    EXPECT_GT(shuffle.bytes(), 0U);
    EXPECT_LE(shuffle.bytes(), 512U << 10) << "no part of what a strategy needs";
    held.insert(shuffle.bytes());
  }
  EXPECT_GT(held.size(), 15U);
}

TEST(HeapShuffle, DiffersFromProcessToProcess) {
  HeapShuffle one(1);
  HeapShuffle other(2);
  one.run();
  other.run();
  EXPECT_NE(one.bytes(), other.bytes());
}

}  // namespace
}  // namespace ckptbench
