// Statistics of the report, in one place. Estimates are medians (or ratios of paired samples) with
// percentile bootstrap confidence intervals from a seeded generator: the same samples give the same
// interval on every machine. Formulas: docs/metrics.md.
// NaN policy: non-finite samples are dropped and counted; nothing left gives NaN. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ckptbench {

// An interval from fewer samples than this is a hint: the tables say so beside it.
inline constexpr size_t kFewSamples = 5;

struct Estimate {
  double value = 0;  // NaN: no finite sample
  double low = 0;    // confidence interval; equal to `value` with a single sample
  double high = 0;
  size_t count = 0;    // finite samples used
  size_t dropped = 0;  // non-finite samples
  bool known() const { return count > 0; }
  bool contains(double x) const { return known() && low <= x && x <= high; }
};

struct BootstrapOptions {
  uint64_t seed = 1;
  size_t resamples = 2000;
  double confidence = 0.95;
};

// Linear interpolation between order statistics (Hyndman and Fan 1996, type 7, as R and NumPy do).
// q in [0, 1]. NaN where no finite sample is left.
double quantile(std::span<const double> values, double q);
double median(std::span<const double> values);

// Median with its interval (Efron and Tibshirani 1993, section 13.3).
Estimate estimate_median(std::span<const double> values, const BootstrapOptions& options = {});

// Geometric mean of with[i] / without[i], pairs resampled whole. Pairs with a non-finite or
// non-positive member are dropped. REQUIRES: equal sizes.
Estimate estimate_paired_ratio(std::span<const double> with, std::span<const double> without,
                               const BootstrapOptions& options = {});
// The same from ratios that are already formed.
Estimate estimate_ratio(std::span<const double> ratios, const BootstrapOptions& options = {});

// scale × a / b. Equally many samples are taken in pairs, a[i] / b[i], and the value is their
// median; otherwise it is the quotient of the medians, and both sides are resampled, each for
// itself: a single sample stays what it is. `count` is the smaller side's that has more than one
// sample.
Estimate estimate_quotient(std::span<const double> a, std::span<const double> b, double scale = 1,
                           const BootstrapOptions& options = {});

}  // namespace ckptbench
