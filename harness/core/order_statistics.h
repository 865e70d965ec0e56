// Order statistics of a sample: quantiles, and which of them enclose the median of its
// distribution. Pure functions.
#pragma once

#include <cstddef>
#include <span>

namespace ckptbench {

// The least confidence of an interval that is used or printed. Six samples are the fewest that
// reach it.
inline constexpr double kConfidence = 0.95;
inline constexpr size_t kFewestForInterval = 6;

// Linear interpolation between order statistics (Hyndman and Fan 1996, type 7, as R and NumPy do).
// q in [0, 1]. REQUIRES: sorted. NaN of no values.
double quantile_of_sorted(std::span<const double> sorted, double q);

// The narrowest symmetric interval of order statistics that holds the median of the distribution:
// so many samples lie outside on either side.
struct MedianRange {
  size_t outside = 0;
  double confidence =
      0;  // 1 - 2 P(Binomial(n, 1/2) <= outside); 0: even the whole range is too little
};
MedianRange median_range(size_t n, double least = kConfidence);

}  // namespace ckptbench
