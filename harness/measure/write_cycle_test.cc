// What counts as a cycle in the bytes that saves write, and what stands for its average.
#include "harness/measure/write_cycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ckptbench {
namespace {

using testing::ElementsAre;

std::vector<Written> saves_of(const std::vector<uint64_t>& bytes) {
  std::vector<Written> saves;
  for (const uint64_t each : bytes) saves.push_back({.bytes = each, .sizes = {each}});
  return saves;
}

TEST(WriteCycle, IsTheFewestSavesAfterWhichTheSizesComeAgain) {
  EXPECT_EQ(cycle_of(saves_of({1000, 1000, 1001})), 1U);
  EXPECT_EQ(cycle_of(saves_of({100, 1000, 101, 1000})), 2U);
  EXPECT_EQ(cycle_of(saves_of({100, 1000, 100, 100, 1000, 100})), 3U);
  EXPECT_EQ(cycle_of(saves_of({0, 0, 0})), 1U);
}

TEST(WriteCycle, IsNoneWhereItWasNotSeenTwice) {
  EXPECT_EQ(cycle_of({}), 0U);
  EXPECT_EQ(cycle_of(saves_of({100, 1000, 100})), 0U);
  EXPECT_EQ(cycle_of(saves_of({100, 100, 1000, 100, 100})), 0U);
  EXPECT_EQ(cycle_of(saves_of({100, 200, 300, 400})), 0U);
}

TEST(WriteCycle, SavesThatWriteAsMuchAsTheFirstNeedNoLongerLook) {
  const Written first{.bytes = 1000};
  EXPECT_FALSE(watched_enough(first, saves_of({1000, 1000})));
  EXPECT_TRUE(watched_enough(first, saves_of({1000, 950, 1100})));
}

TEST(WriteCycle, SavesThatWriteLessAreWatchedUntilOneWritesMore) {
  const Written first{.bytes = 1000};
  EXPECT_FALSE(watched_enough(first, saves_of({100, 100, 100})));
  EXPECT_FALSE(watched_enough(first, saves_of({100, 1000, 100})));
  EXPECT_TRUE(watched_enough(first, saves_of({100, 1000, 100, 1000})));
  EXPECT_TRUE(watched_enough(first, saves_of(std::vector<uint64_t>(kMostWatched, 100))));
}

TEST(WriteCycle, TheAverageSaveHasTheFilesOfTheNearestScaledToTheMean) {
  std::vector<Written> saves = saves_of({100, 100});
  saves.push_back({.bytes = 400, .sizes = {300, 100}, .in_place = true});
  EXPECT_DOUBLE_EQ(mean_bytes(saves), 200);
  EXPECT_EQ(average_of(saves).bytes, 200U);
  EXPECT_THAT(average_of(saves).sizes, ElementsAre(200));
  EXPECT_FALSE(average_of(saves).in_place);
  EXPECT_THAT(average_of(std::span(saves).last(1)).sizes, ElementsAre(300, 100));
  EXPECT_THAT(average_of(saves_of({0, 0})).sizes, ElementsAre(0));
}

}  // namespace
}  // namespace ckptbench
