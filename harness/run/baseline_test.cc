#include "harness/run/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  EXPECT_THAT(find_leaks(series("descriptors", 9, 1, 6), policy), SizeIs(1));
  EXPECT_THAT(find_leaks(series("resident_bytes", 9e7, 8192, 24), policy), SizeIs(1));
  EXPECT_THAT(find_leaks(series("heap_bytes", 9e7, 4096, 24), policy), SizeIs(1));
  EXPECT_THAT(find_leaks(series("retained_bytes", 1e6, 1e5, 9), policy), SizeIs(1));
}

TEST(Leaks, WarmingUpAndRetentionAreNone) {
  Policy policy;
  EXPECT_THAT(find_leaks({{"descriptors", {8, 9, 8, 9, 8, 9, 9, 8}}}, policy), IsEmpty());
  EXPECT_THAT(find_leaks({{"descriptors", {9, 10, 12, 12, 12, 12}}}, policy), IsEmpty());
  EXPECT_THAT(find_leaks(series("resident_bytes", 9e7, 8191, 24), policy), IsEmpty());
  EXPECT_THAT(find_leaks(series("heap_bytes", 9e7, 4095, 24), policy), IsEmpty());
  EXPECT_THAT(find_leaks(series("heap_bytes", 9e7, 65536, 6), policy), IsEmpty());
  EXPECT_THAT(find_leaks(series("resident_bytes", 9e7, 65536, 6), policy), IsEmpty());
  EXPECT_THAT(find_leaks({{"retained_bytes", {1e6, 2e6, 3e6, 3e6, 3e6, 3e6, 3e6, 3e6}}}, policy),
              IsEmpty());
  policy.keep_every = 1;
  EXPECT_THAT(find_leaks(series("retained_bytes", 1e6, 1e5, 9), policy), IsEmpty());
  EXPECT_THAT(find_leaks(nlohmann::json::object(), policy), IsEmpty());
}

TEST(Leaks, WhatAChainKeepsUntilTheNextFullCheckpointIsNone) {
  std::vector<double> values;
  for (size_t save = 0; save < 24; ++save) {
    values.push_back(9e7 + 65536.0 * static_cast<double>((save + 3) % 14));
  }
  EXPECT_THAT(find_leaks({{"heap_bytes", values}}, Policy{}), IsEmpty());
}

}  // namespace
}  // namespace ckptbench
