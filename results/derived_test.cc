#include "results/derived.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

TEST(Derived, DividesInPairsOrByTheOneValueOfTheCell) {
  const auto metrics = estimate_all({{"logical_bytes", {2e9}},
                                     {"written_bytes", {2e9}},
                                     {"window_written_bytes", {1e9, 3e9}},
                                     {"persist_alone_ns", {1e9, 3e9}},
                                     {"parameters", {1e9}}});
  EXPECT_DOUBLE_EQ(metrics.at("written_bytes_per_s").value, 1e9);
  EXPECT_DOUBLE_EQ(metrics.at("effective_bytes_per_s").value, 4e9 / 3);  // of 2 and 2/3
  EXPECT_DOUBLE_EQ(metrics.at("written_bytes_per_parameter").value, 2);
  EXPECT_EQ(metrics.count("block_per_copy"), 0U);
}

// A save that waits for the one before has that wait in its persist, and writes as fast as others.
TEST(Derived, ARateIsThatOfASaveAlone) {
  SampleMap samples = {{"logical_bytes", {2e9}},     {"window_written_bytes", {1e9, 1e9}},
                       {"persist_ns", {4e9, 4e9}},   {"persist_alone_ns", {2e9, 2e9}},
                       {"probe_new_file_ns", {1e9}}, {"probe_overwrite_ns", {0.5e9}},
                       {"probe_bytes", {1e9}}};
  const auto metrics = estimate_all(samples);
  EXPECT_DOUBLE_EQ(metrics.at("effective_bytes_per_s").value, 1e9);
  EXPECT_DOUBLE_EQ(metrics.at("written_bytes_per_s").value, 0.5e9);
  EXPECT_DOUBLE_EQ(metrics.at("of_limit_pct").value, 50);
  EXPECT_DOUBLE_EQ(metrics.at("of_overwrite_limit_pct").value, 25);
  EXPECT_DOUBLE_EQ(metrics.at("persist_ns").value, 4e9);
  samples.erase("persist_alone_ns");
  EXPECT_DOUBLE_EQ(estimate_all(samples).at("effective_bytes_per_s").value, 0.5e9)
      << "records of older versions";
}

TEST(Derived, ALimitIsTheFastestOfItsProbes) {
  const auto metrics = estimate_all({{"persist_alone_ns", {2e9, 2e9, 4e9}},
                                     {"probe_new_file_ns", {3e9, 1e9, 9e9}},
                                     {"probe_overwrite_ns", {0.5e9, 4e9, 4e9}},
                                     {"probe_bytes", {3e9, 3e9, 3e9}},
                                     {"restore_cold_ns", {1e9, 2e9}},
                                     {"probe_read_cold_ns", {1.2e9, 0.9e9}},
                                     {"probe_read_bytes", {5e9, 5e9}}});
  EXPECT_DOUBLE_EQ(metrics.at("of_limit_pct").value, 50);
  EXPECT_DOUBLE_EQ(metrics.at("limit_bytes_per_s").value, 3e9);
  EXPECT_DOUBLE_EQ(metrics.at("of_overwrite_limit_pct").value, 25);
  EXPECT_DOUBLE_EQ(metrics.at("restore_of_limit_pct").value, 67.5);
  EXPECT_DOUBLE_EQ(metrics.at("probe_new_file_ns").value, 3e9);
}

// Saves of a strategy that writes what changed differ in size, and so do their probes.
TEST(Derived, TheFastestProbeIsTheOneOfTheHighestRate) {
  const auto metrics = estimate_all({{"persist_alone_ns", {4e9}},
                                     {"probe_new_file_ns", {1e9, 2e9, 3e9}},
                                     {"probe_bytes", {1e9, 4e9, 3e9}}});
  EXPECT_DOUBLE_EQ(metrics.at("limit_bytes_per_s").value, 2e9);
  EXPECT_DOUBLE_EQ(metrics.at("of_limit_pct").value, 37.5);
}

TEST(Derived, AShareComparesASaveWithTheTimeOfItsOwnBytes) {
  const auto metrics = estimate_all({{"persist_alone_ns", {1e9}},
                                     {"window_written_bytes", {1e9}},
                                     {"probe_new_file_ns", {2e9}},
                                     {"probe_bytes", {4e9}}});
  EXPECT_DOUBLE_EQ(metrics.at("of_limit_pct").value, 50);
  EXPECT_DOUBLE_EQ(metrics.at("limit_bytes_per_s").value, 2e9);
}

// Of a cycle of sixteen saves a window may have three: its persist is that of its own bytes.
TEST(Derived, AShareTakesTheBytesOfTheWindowsAndNotThoseOfTheCycle) {
  const auto metrics = estimate_all({{"persist_alone_ns", {1e9}},
                                     {"written_bytes", {3e9}},
                                     {"window_written_bytes", {1e9}},
                                     {"probe_new_file_ns", {2e9}},
                                     {"probe_bytes", {4e9}}});
  EXPECT_DOUBLE_EQ(metrics.at("of_limit_pct").value, 50);
  EXPECT_DOUBLE_EQ(metrics.at("written_bytes_per_s").value, 1e9);
}

TEST(Derived, MoreThanTheLimitIsNoShareOfIt) {
  const auto metrics = estimate_all({{"persist_alone_ns", {1e9}},
                                     {"window_written_bytes", {3e9}},
                                     {"probe_new_file_ns", {2e9}},
                                     {"probe_overwrite_ns", {1e9}},
                                     {"probe_bytes", {4e9}}});
  EXPECT_EQ(metrics.count("of_limit_pct"), 0U);
  EXPECT_DOUBLE_EQ(metrics.at("of_overwrite_limit_pct").value, 75);
}

// The probe copies a part of a large state: 0.1 GB in 20 ms at best, so 1 GB in 200 ms.
TEST(Derived, ABlockOnAGpuIsComparedWithTheCopyFromThere) {
  SampleMap samples = {
      {"block_ns", {400e6}}, {"probe_memcpy_ns", {100e6, 100e6}}, {"logical_bytes", {1e9}}};
  EXPECT_DOUBLE_EQ(estimate_all(samples).at("block_per_copy").value, 4);
  samples["probe_to_host_ns"] = {25e6, 20e6};
  samples["probe_device_bytes"] = {0.1e9, 0.1e9};
  EXPECT_DOUBLE_EQ(estimate_all(samples).at("block_per_copy").value, 2);
  EXPECT_DOUBLE_EQ(estimate_all(samples).at("probe_to_host_ns").value, 22.5e6);
}

constexpr Metric quotient(std::string_view key, std::string_view numerator,
                          std::string_view denominator, bool share_of_limit = false) {
  return {.key = key,
          .unit = MetricUnit::kPercent,
          .better = Better::kNeither,
          .share_of_limit = share_of_limit,
          .numerator = numerator,
          .denominator = denominator,
          .factor = 100};
}

// What a metric's row says decides, and not its unit or its name.
TEST(Derived, OnlySharesOfALimitEndAtAHundredPercent) {
  const Metric metrics[] = {quotient("slower_pct", "tail_ns", "step_ns"),
                            quotient("share_pct", "tail_ns", "step_ns", true)};
  const auto estimates = estimate_all({{"tail_ns", {5e9}}, {"step_ns", {2e9}}}, metrics);
  ASSERT_EQ(estimates.count("slower_pct"), 1U);
  EXPECT_DOUBLE_EQ(estimates.at("slower_pct").value, 250);
  EXPECT_EQ(estimates.count("share_pct"), 0U);
}

TEST(Derived, EveryTimeOfWritingIsUndefinedWhereNothingIsWritten) {
  const Metric metrics[] = {quotient("of_each_pct", "step_ns", "save_persist_ns"),
                            quotient("of_tail_pct", "step_ns", "tail_ns")};
  SampleMap samples = {
      {"step_ns", {5e9}}, {"tail_ns", {5e9}}, {"save_persist_ns", {5e9}}, {"written_bytes", {0}}};
  EXPECT_EQ(estimate_all(samples, metrics).count("of_each_pct"), 0U);
  EXPECT_EQ(estimate_all(samples, metrics).count("of_tail_pct"), 1U);
  samples["written_bytes"] = {1};
  EXPECT_EQ(estimate_all(samples, metrics).count("of_each_pct"), 1U);
}

TEST(Derived, WhatWritesNothingHasNoThroughput) {
  const auto metrics = estimate_all({{"logical_bytes", {2e9}},
                                     {"written_bytes", {0, 0}},
                                     {"persist_alone_ns", {500, 600}},
                                     {"parameters", {1e9}}});
  EXPECT_EQ(metrics.count("effective_bytes_per_s"), 0U);
  EXPECT_EQ(metrics.count("written_bytes_per_s"), 0U);
  EXPECT_DOUBLE_EQ(metrics.at("written_bytes_per_parameter").value, 0);
}

// A median would hide the failure.
TEST(Derived, CountsOfSavesAreAddedUp) {
  const auto metrics = estimate_all({{"failed_saves", {0, 2, 0}}, {"skipped_saves", {0}}});
  EXPECT_EQ(metrics.at("failed_saves").value, 2);
  EXPECT_EQ(metrics.at("failed_saves").count, 3U);
  EXPECT_EQ(metrics.at("skipped_saves").value, 0);
}

}  // namespace
}  // namespace ckptbench
