// Statistics of the report, in one place. Estimates are medians. Their intervals are order
// statistics of the sample: they assume nothing of its distribution, and their confidence is exact
// for independent samples (docs/metrics.md).
// Samples that are not finite are dropped and counted; nothing left gives NaN. Pure functions.
#pragma once

#include <cstddef>
#include <span>

#include "harness/core/order_statistics.h"

namespace ckptbench {

struct Estimate {
  double value = 0;  // NaN: no finite sample
  double low = 0;    // ends of the interval; NaN: too few samples for one
  double high = 0;
  size_t count = 0;    // finite samples used
  size_t dropped = 0;  // samples that were not finite
  // Reached by the interval, at least kConfidence but for 2 to 5 processes; 0: no interval.
  double confidence = 0;
  // Of a row with several processes (results/process_spread.h), and the range of their medians; 0:
  // of one.
  size_t processes = 0;
  double process_low = 0;
  double process_high = 0;
  bool known() const { return count > 0; }
  bool has_interval() const { return confidence > 0; }
  bool contains(double x) const { return has_interval() && low <= x && x <= high; }
};

// Linear interpolation between order statistics (Hyndman and Fan 1996, type 7, as R and NumPy do).
// q in [0, 1]. NaN where no finite sample is left.
double quantile(std::span<const double> values, double q);
double median(std::span<const double> values);

// The median and the narrowest symmetric interval of order statistics, x(k) to x(n+1-k), that holds
// the distribution's median with `least` confidence: 1 - 2 P(Binomial(n, 1/2) < k).
Estimate estimate_median(std::span<const double> values, double least = kConfidence);

// factor × a / b. Equally many samples are taken in pairs, a[i] / b[i], and the value is their
// median; so it is where one side is a single sample, a constant of the cell. Otherwise it is the
// quotient of the medians, and the interval runs from low(a) / high(b) to high(a) / low(b), where
// each side's interval errs half as often: distribution-free too, and wide. REQUIRES there: b > 0.
// `count` is the smaller side's, of those that have more than one sample.
Estimate estimate_quotient(std::span<const double> a, std::span<const double> b, double factor = 1);

// a - b. Equally many samples are taken in pairs, a[i] - b[i]: what both share falls out. Otherwise
// it is the difference of the medians, from low(a) - high(b) to high(a) - low(b), as above.
Estimate estimate_difference(std::span<const double> a, std::span<const double> b);

// True where the sample falls into two clusters, far apart for their own spread, so that its median
// describes neither. Each has at least two samples and a fifth of all.
struct Clusters {
  double low = 0;  // medians of the clusters
  double high = 0;
  size_t high_count = 0;
};
bool two_clusters(std::span<const double> values, Clusters& clusters);

}  // namespace ckptbench
