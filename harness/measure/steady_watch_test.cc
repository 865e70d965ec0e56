// With made-up times of the blocks: what counts as steady, and what it may cost.
#include "harness/measure/steady_watch.h"

#include <gtest/gtest.h>

#include <vector>

namespace ckptbench {
namespace {

constexpr int64_t kMilli = 1'000'000;            // ns
constexpr double kBudgetNs = 10'000.0 * kMilli;  // 300 ms of it

// Until it asks for no more; how many blocks it asked for.
size_t feed(SteadyWatch& watch, const std::vector<int64_t>& blocks_ns) {
  size_t blocks = 0;
  while (watch.next_block() > 0 && blocks < blocks_ns.size()) watch.add(blocks_ns[blocks++]);
  return blocks;
}

TEST(SteadyWatch, EndsWithTheFirstTwoBlocksThatTakeAsLong) {
  SteadyWatch watch(kBudgetNs, 3 * kMilli);
  ASSERT_EQ(watch.next_block(), 10U);
  EXPECT_EQ(feed(watch, {70 * kMilli, 45 * kMilli, 31 * kMilli, 30 * kMilli, 30 * kMilli}), 4U);
  EXPECT_TRUE(watch.steady());
  EXPECT_EQ(watch.steps(), 40U);
}

TEST(SteadyWatch, ABlockThatIsSlowerIsNoMoreSteadyThanOneThatIsFaster) {
  SteadyWatch watch(kBudgetNs, 3 * kMilli);
  EXPECT_EQ(feed(watch, {20 * kMilli, 30 * kMilli, 20 * kMilli, 30 * kMilli}), 4U);
  EXPECT_FALSE(watch.steady());
}

TEST(SteadyWatch, WhatNeverBecomesSteadyEndsWithItsShareOfTheBudget) {
  SteadyWatch watch(kBudgetNs, 3 * kMilli);
  std::vector<int64_t> restless;
  for (int i = 0; i < 100; ++i) restless.push_back((i % 2 == 0 ? 30 : 40) * kMilli);
  EXPECT_EQ(feed(watch, restless), 8U) << "280 ms, and the next one might pass 300";
  EXPECT_FALSE(watch.steady());
}

TEST(SteadyWatch, LongStepsMakeBlocksOfOneAndStillTwoOfThem) {
  SteadyWatch watch(kBudgetNs, 150 * kMilli);
  ASSERT_EQ(watch.next_block(), 1U);
  EXPECT_EQ(feed(watch, {148 * kMilli, 150 * kMilli}), 2U);
  EXPECT_TRUE(watch.steady());
}

TEST(SteadyWatch, WhereTwoStepsCostTooMuchThereIsNone) {
  const SteadyWatch watch(kBudgetNs, 151 * kMilli);
  EXPECT_EQ(watch.next_block(), 0U);
  EXPECT_EQ(watch.steps(), 0U);
  EXPECT_FALSE(watch.steady());
}

TEST(SteadyWatch, TinyStepsMakeBlocksOfAThousandAtMost) {
  EXPECT_EQ(SteadyWatch(kBudgetNs, 1000).next_block(), 1000U);
  EXPECT_EQ(SteadyWatch(kBudgetNs, 0).next_block(), 1000U);
}

}  // namespace
}  // namespace ckptbench
