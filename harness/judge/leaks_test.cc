#include "harness/judge/leaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace ckptbench {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

nlohmann::json series(const std::string& key, double begin, double rise, size_t count) {
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) values.push_back(begin + rise * static_cast<double>(i));
  return {{key, values}};
}

TEST(Leaks, GrowthWithEverySaveIsOne) {
  const Policy policy;  // keeps the last two
  EXPECT_THAT(find_leaks(series("descriptors", 9, 1, 6), policy, true), SizeIs(1));
  EXPECT_THAT(find_leaks(series("processes", 1, 1, 6), policy, true), SizeIs(1));
  EXPECT_THAT(find_leaks(series("resident_bytes", 9e7, 8192, 24), policy, true), SizeIs(1));
  EXPECT_THAT(find_leaks(series("heap_bytes", 9e7, 4096, 24), policy, true), SizeIs(1));
  EXPECT_THAT(find_leaks(series("retained_bytes", 1e6, 1e5, 9), policy, true), SizeIs(1));
}

// One for two saves, which other than bytes of memory is no noise.
TEST(Leaks, ADescriptorOfEverySecondSaveIsLost) {
  const auto lost = [](std::vector<double> values) {
    return find_leaks({{"descriptors", std::move(values)}}, Policy{}, true);
  };
  std::vector<double> every_second;
  for (int i = 0; i < 16; ++i) every_second.push_back(20 + i / 2);
  EXPECT_THAT(lost(every_second), SizeIs(1));
  std::vector<double> to_and_fro;
  for (int i = 0; i < 16; ++i) to_and_fro.push_back(20 + (i % 4) / 2);
  EXPECT_THAT(lost(to_and_fro), IsEmpty());
  std::vector<double> once(16, 20);
  once.back() = 21;
  EXPECT_THAT(lost(once), IsEmpty());
}

TEST(Leaks, WhatFellBeforeTheGrowthHidesNone) {
  std::vector<double> values(6, 58.10e6);
  for (int i = 0; i < 16; ++i) values.push_back(57.90e6 + i * 9000);
  EXPECT_THAT(find_leaks({{"heap_bytes", values}}, Policy{}, true), SizeIs(1));
}

TEST(Leaks, WarmingUpAndRetentionAreNone) {
  Policy policy;
  EXPECT_THAT(find_leaks({{"descriptors", {8, 9, 8, 9, 8, 9, 9, 8}}}, policy, true), IsEmpty());
  EXPECT_THAT(find_leaks({{"descriptors", {9, 10, 12, 12, 12, 12}}}, policy, true), IsEmpty());
  EXPECT_THAT(find_leaks(series("resident_bytes", 9e7, 8191, 24), policy, true), IsEmpty());
  EXPECT_THAT(find_leaks(series("heap_bytes", 9e7, 4095, 24), policy, true), IsEmpty());
  EXPECT_THAT(find_leaks(series("heap_bytes", 9e7, 65536, 6), policy, true), IsEmpty());
  EXPECT_THAT(find_leaks(series("resident_bytes", 9e7, 65536, 6), policy, true), IsEmpty());
  EXPECT_THAT(
      find_leaks({{"retained_bytes", {1e6, 2e6, 3e6, 3e6, 3e6, 3e6, 3e6, 3e6}}}, policy, true),
      IsEmpty());
  policy.keep_every = 1;
  EXPECT_THAT(find_leaks(series("retained_bytes", 1e6, 1e5, 9), policy, true), IsEmpty());
  EXPECT_THAT(find_leaks(nlohmann::json::object(), policy, true), IsEmpty());
}

// Docs: without retain() retention is the strategy's own affair.
TEST(Leaks, OnDiskIsNoneWhereTheStrategyDeletesByARuleOfItsOwn) {
  EXPECT_THAT(find_leaks(series("retained_bytes", 1e6, 1e5, 9), Policy{}, false), IsEmpty());
  EXPECT_THAT(find_leaks(series("descriptors", 9, 1, 6), Policy{}, false), SizeIs(1));
}

TEST(Leaks, WhatAChainKeepsUntilTheNextFullCheckpointIsNone) {
  std::vector<double> values;
  for (size_t save = 0; save < 24; ++save) {
    values.push_back(9e7 + 65536.0 * static_cast<double>((save + 3) % 14));
  }
  EXPECT_THAT(find_leaks({{"heap_bytes", values}}, Policy{}, true), IsEmpty());
}

}  // namespace
}  // namespace ckptbench
