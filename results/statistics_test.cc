#include "results/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "harness/core/prng.h"

namespace ckptbench {
namespace {

constexpr double kNan = NAN;
constexpr double kPi = 3.14159265358979;

double normal(Prng& prng) {
  const double radius = std::sqrt(-2 * std::log(1 - prng.uniform()));
  return radius * std::cos(2 * kPi * prng.uniform());
}

struct Distribution {
  const char* name;
  double median;
  double (*draw)(Prng&);
};

const Distribution kDistributions[] = {
    {"uniform", 0.5, [](Prng& prng) { return prng.uniform(); }},
    {"normal", 0, normal},
    {"exponential", std::log(2.0), [](Prng& prng) { return -std::log(1 - prng.uniform()); }},
    {"lognormal", 1, [](Prng& prng) { return std::exp(1.5 * normal(prng)); }},
    {"Cauchy", 0, [](Prng& prng) { return std::tan(kPi * (prng.uniform() - 0.5)); }},
    // 30 of 100 in a second mode; the median is the normal's 5/7 quantile.
    {"bimodal", 0.5659, [](Prng& prng) { return normal(prng) + (prng.uniform() < 0.3 ? 50 : 0); }},
    {"bimodal, halves", 5,
     [](Prng& prng) { return 0.1 * normal(prng) + (prng.uniform() < 0.5 ? 10 : 0); }},
};

std::vector<double> sample_of(const Distribution& distribution, size_t n, Prng& prng) {
  std::vector<double> values(n);
  for (double& value : values) value = distribution.draw(prng);
  return values;
}

// The promise of an interval, checked by counting: it holds the true median at least as often as it
// says, at every size and for every distribution. 4,000 trials: one standard error is 0.35 %.
TEST(Interval, HoldsTheTruthAsOftenAsItSays) {
  constexpr int kTrials = 4000;
  Prng prng(11);
  for (const Distribution& distribution : kDistributions) {
    for (size_t n : {6U, 8U, 12U, 19U, 30U}) {
      int held = 0;
      double confidence = 0;
      for (int trial = 0; trial < kTrials; ++trial) {
        const Estimate estimate = estimate_median(sample_of(distribution, n, prng));
        confidence = estimate.confidence;
        if (estimate.contains(distribution.median)) ++held;
      }
      const double share = static_cast<double>(held) / kTrials;
      EXPECT_GE(confidence, kConfidence) << distribution.name << " " << n;
      EXPECT_NEAR(share, confidence, 0.012) << distribution.name << " " << n;
      EXPECT_GE(share, kConfidence - 0.01) << distribution.name << " " << n;
    }
  }
}

// Two sides that vary on their own: the interval is wider than it must be, never narrower.
TEST(Interval, OfAQuotientHoldsTheTruthToo) {
  Prng prng(12);
  int held = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    const std::vector<double> a = sample_of(kDistributions[3], 12, prng);
    const std::vector<double> b = sample_of(kDistributions[2], 9, prng);
    if (estimate_quotient(a, b).contains(1 / std::log(2.0))) ++held;
  }
  EXPECT_GE(held, 1900);
}

// P(Binomial(n, 1/2) <= k), from tables.
TEST(Interval, HasTheConfidenceOfTheBinomial) {
  std::vector<double> values;
  for (int i = 1; i <= 30; ++i) values.push_back(i);
  const auto of = [&](size_t n) { return estimate_median(std::span(values).first(n)); };
  EXPECT_NEAR(of(6).confidence, 1 - 2.0 / 64, 1e-9);
  EXPECT_EQ(of(6).low, 1);
  EXPECT_EQ(of(6).high, 6);
  EXPECT_NEAR(of(9).confidence, 1 - 2 * 10.0 / 512, 1e-9);
  EXPECT_EQ(of(9).low, 2);
  EXPECT_EQ(of(9).high, 8);
  EXPECT_NEAR(of(30).confidence, 0.9572, 1e-4);
  EXPECT_EQ(of(30).low, 10);
  EXPECT_EQ(of(30).high, 21);
  const Estimate many = estimate_median(std::vector<double>(5000, 3.0));
  EXPECT_NEAR(many.confidence, kConfidence, 0.01);
}

TEST(Interval, NeedsSixSamples) {
  const Estimate five = estimate_median(std::vector<double>{1, 2, 3, 4, 5});
  EXPECT_EQ(five.value, 3);
  EXPECT_EQ(five.count, 5U);
  EXPECT_FALSE(five.has_interval());
  EXPECT_FALSE(five.contains(3));
  EXPECT_TRUE(std::isnan(five.low));
  EXPECT_TRUE(estimate_median(std::vector<double>{1, 2, 3, 4, 5, 6}).has_interval());
  EXPECT_FALSE(estimate_median(std::vector<double>{1, 2, 3, 4, 5, kNan}).has_interval());
}

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

TEST(Quotient, DividesInPairsOrByAConstant) {
  const std::vector<double> ten{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  EXPECT_DOUBLE_EQ(estimate_quotient(ten, ten, 100).value, 100);
  EXPECT_DOUBLE_EQ(estimate_quotient(ten, ten, 100).high, 100);
  const Estimate constant = estimate_quotient(std::vector<double>{60}, ten);
  EXPECT_DOUBLE_EQ(constant.value, 11);  // between 60/6 and 60/5
  EXPECT_DOUBLE_EQ(constant.low, 60 / 9.0);
  EXPECT_DOUBLE_EQ(constant.high, 30);
  EXPECT_EQ(constant.count, 10U);
}

TEST(Quotient, UnequalSidesAreDividedByTheirMediansWithTheWiderInterval) {
  std::vector<double> a;
  for (int i = 1; i <= 12; ++i) a.push_back(i);
  const std::vector<double> steady(9, 2);
  const Estimate noisy = estimate_quotient(a, steady, 10);
  EXPECT_DOUBLE_EQ(noisy.value, 32.5);
  EXPECT_DOUBLE_EQ(noisy.low, 10);  // x(2) of 12: each side errs half as often
  EXPECT_DOUBLE_EQ(noisy.high, 55);
  EXPECT_GE(noisy.confidence, kConfidence);
  EXPECT_EQ(noisy.count, 9U);
  const std::vector<double> few{1, 2, 3, 4, 5, 6};
  EXPECT_FALSE(estimate_quotient(few, steady).has_interval());
  const Estimate holes = estimate_quotient(std::vector<double>{kNan, 1, 3}, std::vector<double>{2});
  EXPECT_DOUBLE_EQ(holes.value, 1);
  EXPECT_EQ(holes.dropped, 1U);
  EXPECT_FALSE(estimate_quotient(std::vector<double>{kNan}, steady).known());
  EXPECT_FALSE(estimate_quotient({}, steady).known());
}

// Shares of samples that are said to fall into two clusters.
double share_of_clusters(const Distribution& distribution, size_t n) {
  Prng prng(13);
  int found = 0;
  for (int trial = 0; trial < 1000; ++trial) {
    Clusters clusters;
    if (two_clusters(sample_of(distribution, n, prng), clusters)) ++found;
  }
  return found / 1000.0;
}

TEST(Difference, OfPairsLosesWhatTheyShareAndOtherwiseKeepsBothIntervals) {
  const std::vector<double> a{11, 21, 31, 41, 51, 61, 71, 81};
  const std::vector<double> b{10, 20, 30, 40, 50, 60, 70, 80};
  const Estimate paired = estimate_difference(a, b);
  EXPECT_EQ(paired.value, 1);
  EXPECT_EQ(paired.low, 1);
  EXPECT_EQ(paired.high, 1);
  const Estimate apart = estimate_difference(a, std::span(b).first(7));
  EXPECT_EQ(apart.value, 46 - 40);
  EXPECT_EQ(apart.low, 11 - 70);
  EXPECT_EQ(apart.high, 81 - 10);
  EXPECT_EQ(apart.count, 7U);
  EXPECT_GE(apart.confidence, kConfidence);
  EXPECT_FALSE(estimate_difference(a, std::span(b).first(6)).has_interval());
}

TEST(Clusters, AreFoundWhereThereAreTwoAndSeldomElsewhere) {
  for (size_t i = 0; i < 5; ++i) {  // those of one mode
    for (size_t n : {6U, 8U, 12U, 24U, 60U}) {
      EXPECT_LE(share_of_clusters(kDistributions[i], n), 0.04)
          << kDistributions[i].name << " " << n;
    }
  }
  for (size_t n : {12U, 24U, 60U}) {
    EXPECT_GE(share_of_clusters(kDistributions[6], n), 0.95) << n;
  }
  Clusters clusters;
  ASSERT_TRUE(two_clusters(std::vector<double>{1, 9, 1, 9, 1, 1, 1, 9}, clusters));
  EXPECT_EQ(clusters.low, 1);
  EXPECT_EQ(clusters.high, 9);
  EXPECT_EQ(clusters.high_count, 3U);
  EXPECT_FALSE(two_clusters(std::vector<double>(8, 5), clusters));
  EXPECT_FALSE(two_clusters(std::vector<double>{1, 1, 1, 1, 1, 1, 1, 9}, clusters));
}

}  // namespace
}  // namespace ckptbench
