#include "results/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "harness/core/prng.h"
#include "results/derived.h"

namespace ckptbench {
namespace {

constexpr double kNan = NAN;

TEST(Quantile, IsTypeSeven) {
  const std::vector<double> values{4, 1, 3, 2};
  EXPECT_DOUBLE_EQ(median(values), 2.5);
  EXPECT_DOUBLE_EQ(quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(values, 1), 4);
  EXPECT_DOUBLE_EQ(quantile(values, 0.9), 3.7);  // numpy.quantile([4, 1, 3, 2], 0.9)
}

TEST(Quantile, DropsWhatIsNoNumberAndIsNoneWhereNothingIsLeft) {
  const std::vector<double> values{kNan, 5, INFINITY};
  EXPECT_DOUBLE_EQ(median(values), 5);
  EXPECT_TRUE(std::isnan(median(std::vector<double>{kNan})));
  const Estimate estimate = estimate_median(values);
  EXPECT_EQ(estimate.count, 1U);
  EXPECT_EQ(estimate.dropped, 2U);
  EXPECT_FALSE(estimate_median({}).known());
}

// The promise of a 95 % interval, checked by counting: of 400 samples of a known distribution about
// 380 intervals hold the true median.
TEST(Bootstrap, IntervalsHoldTheTruthAsOftenAsTheySay) {
  Prng prng(11);
  int held = 0;
  for (int trial = 0; trial < 400; ++trial) {
    std::vector<double> values;
    for (int i = 0; i < 25; ++i) values.push_back(std::pow(prng.uniform(), 2));
    if (estimate_median(values, {.resamples = 400}).contains(0.25)) ++held;
  }
  EXPECT_GT(held, 364);  // 91 %
  EXPECT_LT(held, 396);  // 99 %
}

TEST(Bootstrap, IsTheSameForTheSameSeed) {
  const std::vector<double> values{1, 5, 2, 8, 3, 9};
  EXPECT_EQ(estimate_median(values).low, estimate_median(values).low);
  EXPECT_LT(estimate_median(values).low, estimate_median(values).high);
}

// Of so many values the mean of the logarithms is normal: 1.96 standard errors on either side.
TEST(Bootstrap, ItsEndsLieWhereTheConfidenceSays) {
  std::vector<double> ratios;
  for (int i = 0; i < 400; ++i) ratios.push_back(std::exp(i % 2 == 0 ? 0.1 : -0.1));
  const Estimate estimate = estimate_ratio(ratios, {.resamples = 10000});
  EXPECT_NEAR(std::log(estimate.high), 1.96 * 0.1 / 20, 0.0005);
  EXPECT_NEAR(std::log(estimate.low), -1.96 * 0.1 / 20, 0.0005);
}

TEST(Bootstrap, TwoValuesHaveAnIntervalAndOneHasNone) {
  const Estimate two = estimate_median(std::vector<double>{1, 2});
  EXPECT_LT(two.low, two.high);
  const Estimate one = estimate_median(std::vector<double>{3});
  EXPECT_EQ(one.low, 3);
  EXPECT_EQ(one.high, 3);
}

TEST(Ratio, IsGeometricAndOfPositiveNumbersAlone) {
  EXPECT_DOUBLE_EQ(estimate_ratio(std::vector<double>{0.5, 2}).value, 1);
  const Estimate estimate = estimate_ratio(std::vector<double>{-1, 0, 2});
  EXPECT_DOUBLE_EQ(estimate.value, 2);
  EXPECT_EQ(estimate.dropped, 2U);
  const Estimate paired =
      estimate_paired_ratio(std::vector<double>{-2, 3}, std::vector<double>{-1, 1});
  EXPECT_DOUBLE_EQ(paired.value, 3);
  EXPECT_EQ(paired.dropped, 1U);
}

TEST(PairedRatio, SeesThroughDriftThatBothSidesShare) {
  std::vector<double> with;
  std::vector<double> without;
  for (int i = 1; i <= 12; ++i) {
    without.push_back(i * 100.0);
    with.push_back(i * 100.0 * (1.02 + 0.001 * (i % 3)));
  }
  const Estimate ratio = estimate_paired_ratio(with, without);
  EXPECT_NEAR(ratio.value, 1.021, 0.001);
  EXPECT_GT(ratio.low, 1.0);
  EXPECT_TRUE(estimate_paired_ratio(without, without).contains(1));
  with[0] = kNan;
  without[1] = 0;
  EXPECT_EQ(estimate_paired_ratio(with, without).dropped, 2U);
}

TEST(Quotient, UnequalSidesAreBothResampled) {
  const std::vector<double> steady(12, 100);
  const Estimate noisy = estimate_quotient(std::vector<double>{80, 120}, steady, 100);
  EXPECT_DOUBLE_EQ(noisy.value, 100);
  EXPECT_DOUBLE_EQ(noisy.low, 80);
  EXPECT_DOUBLE_EQ(noisy.high, 120);
  EXPECT_EQ(noisy.count, 2U);
  const Estimate whole = estimate_quotient(std::vector<double>{50}, steady);
  EXPECT_DOUBLE_EQ(whole.value, 0.5);
  EXPECT_EQ(whole.count, 12U);
  const Estimate holes = estimate_quotient(std::vector<double>{kNan, 1, 3}, std::vector<double>{2});
  EXPECT_DOUBLE_EQ(holes.value, 1);
  EXPECT_EQ(holes.dropped, 1U);
  EXPECT_FALSE(estimate_quotient(std::vector<double>{kNan}, steady).known());
}

TEST(Derived, DividesInPairsOrByTheOneValueOfTheCell) {
  const auto metrics = estimate_all({{"logical_bytes", {2e9}},
                                     {"written_bytes", {1e9, 3e9}},
                                     {"persist_ns", {1e9, 3e9}},
                                     {"parameters", {1e9}}});
  EXPECT_DOUBLE_EQ(metrics.at("written_bytes_per_s").value, 1e9);
  EXPECT_DOUBLE_EQ(metrics.at("effective_bytes_per_s").value, 1e9);
  EXPECT_DOUBLE_EQ(metrics.at("written_bytes_per_parameter").value, 2);
  EXPECT_EQ(metrics.count("block_per_memcpy"), 0U);
}

TEST(Derived, ALimitIsTheFastestOfItsProbes) {
  const auto metrics = estimate_all({{"persist_ns", {2e9, 2e9, 4e9}},
                                     {"probe_new_file_ns", {3e9, 1e9, 9e9}},
                                     {"probe_overwrite_ns", {0.5e9, 4e9, 4e9}},
                                     {"probe_bytes", {3e9, 3e9, 3e9}},
                                     {"restore_cold_ns", {1e9, 2e9}},
                                     {"probe_read_cold_ns", {1.2e9, 0.9e9}},
                                     {"probe_read_bytes", {5e9, 5e9}}});
  EXPECT_DOUBLE_EQ(metrics.at("of_limit_pct").value, 50);
  EXPECT_DOUBLE_EQ(metrics.at("of_limit_pct").low, 25);
  EXPECT_DOUBLE_EQ(metrics.at("limit_bytes_per_s").value, 3e9);
  EXPECT_DOUBLE_EQ(metrics.at("of_overwrite_limit_pct").value, 25);
  EXPECT_DOUBLE_EQ(metrics.at("restore_of_limit_pct").value, 60);
  EXPECT_DOUBLE_EQ(metrics.at("probe_new_file_ns").value, 3e9);
}

// Saves of a strategy that writes what changed differ in size, and so do their probes.
TEST(Derived, TheFastestProbeIsTheOneOfTheHighestRate) {
  const auto metrics = estimate_all({{"persist_ns", {4e9}},
                                     {"probe_new_file_ns", {1e9, 2e9, 3e9}},
                                     {"probe_bytes", {1e9, 4e9, 3e9}}});
  EXPECT_DOUBLE_EQ(metrics.at("limit_bytes_per_s").value, 2e9);
  EXPECT_DOUBLE_EQ(metrics.at("of_limit_pct").value, 37.5);
}

TEST(Derived, WhatWritesNothingHasNoThroughput) {
  const auto metrics = estimate_all({{"logical_bytes", {2e9}},
                                     {"written_bytes", {0, 0}},
                                     {"persist_ns", {500, 600}},
                                     {"parameters", {1e9}}});
  EXPECT_EQ(metrics.count("effective_bytes_per_s"), 0U);
  EXPECT_EQ(metrics.count("written_bytes_per_s"), 0U);
  EXPECT_DOUBLE_EQ(metrics.at("written_bytes_per_parameter").value, 0);
}

}  // namespace
}  // namespace ckptbench
