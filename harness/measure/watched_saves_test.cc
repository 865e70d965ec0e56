// Which of the watched saves a measured one is repeated by.
#include "harness/measure/watched_saves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/core/json_text.h"
#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

std::string plain_text(const WatchedSaves& watched, std::vector<uint64_t> sizes, bool power) {
  const Written written{.bytes = 1, .sizes = std::move(sizes)};
  return sequence_text(watched.plain(written, power).sequence);
}

TEST(WatchedSaves, TheClaimCountsOnlyWhereNothingWasWatched) {
  WatchedSaves watched;
  EXPECT_EQ(plain_text(watched, {9}, true), "write 1, sync 1, rename 1, sync folder");
  watched.saves = {common_sequence({9}, {.rename = false, .sync_folder = false})};
  EXPECT_EQ(plain_text(watched, {9}, false), "write 1, sync 1");
  EXPECT_EQ(plain_text(watched, {9}, true), "write 1, sync 1");
}

TEST(WatchedSaves, TheMostAlikeHasAsManyFilesThenTheNearestBytesThenIsTheLatest) {
  const CommonSteps rename{.sync = false, .sync_folder = false};
  const CommonSteps sync{.rename = false, .sync_folder = false};
  const CommonSteps none{.sync = false, .rename = false, .sync_folder = false};
  const WatchedSaves watched{{common_sequence({900}, none), common_sequence({100}, rename),
                              common_sequence({100}, sync), common_sequence({50, 50}, none)}};
  EXPECT_EQ(plain_text(watched, {120}, false), "write 1, sync 1");
  EXPECT_EQ(plain_text(watched, {800}, false), "write 1");
  EXPECT_EQ(plain_text(watched, {10, 20}, false), "write 1, write 2");
}

TEST(WatchedSaves, SavesInPlaceStayThere) {
  const WatchedSaves watched{{common_sequence({9}, {.rename = false, .sync_folder = false})}};
  const PlainSave save = watched.plain({.bytes = 1, .sizes = {8}, .in_place = true}, false);
  EXPECT_TRUE(save.in_place);
  EXPECT_THAT(save.sequence.sizes, testing::ElementsAre(8));
}

TEST(WatchedSaves, TellWhetherAFileWasWrittenPastThePageCache) {
  EXPECT_EQ(WatchedSaves{}.direct(), std::nullopt);
  WatchedSaves watched{{claimed_save({9, 1}, true).sequence, claimed_save({9, 1}, true).sequence}};
  EXPECT_EQ(watched.direct(), std::nullopt) << "of which kind is not known";
  watched.saves.front().kinds = {{}, {}};
  EXPECT_EQ(watched.direct(), false);
  watched.saves.back().kinds = {{.direct = true}, {}};
  EXPECT_EQ(watched.direct(), true);
  const PlainSave save = watched.plain({.bytes = 1, .sizes = {8, 2}}, false);
  EXPECT_EQ(save.sequence.kinds, watched.saves.back().kinds);
}

TEST(WatchedSaves, AreReadFromTheReportAndEmptyWithoutOne) {
  const TempDirectory folder;
  const std::string path = folder.path() + "/" + kWatchReport;
  const auto none = WatchedSaves::read(path);
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_TRUE(none.value().saves.empty());
  std::ofstream(path) << json_text(WatchedSaves{{claimed_save({3, 2}, true).sequence}});
  const auto read = WatchedSaves::read(path);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(plain_text(read.value(), {3, 2}, false),
            sequence_text(claimed_save({3, 2}, true).sequence));
  const auto beside = WatchedSaves::beside(folder.path() + "/measure.report.json");
  ASSERT_TRUE(beside) << beside.error().message;
  EXPECT_EQ(beside.value().saves.size(), 1U);
  std::ofstream(path) << "{";
  EXPECT_FALSE(WatchedSaves::read(path));
}

}  // namespace
}  // namespace ckptbench
