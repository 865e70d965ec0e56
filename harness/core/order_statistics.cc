#include "harness/core/order_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ckptbench {
namespace {

// P(Binomial(n, 1/2) = k), in logarithms: 2^-n alone would underflow for large n.
double binomial_share(size_t n, size_t k) {
  const auto total = static_cast<double>(n);
  const auto part = static_cast<double>(k);
  return std::exp(std::lgamma(total + 1) - std::lgamma(part + 1) - std::lgamma(total - part + 1) -
                  total * std::log(2.0));
}

}  // namespace

double quantile_of_sorted(std::span<const double> sorted, double q) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double position = q * static_cast<double>(sorted.size() - 1);
  const size_t below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

MedianRange median_range(size_t n, double least) {
  MedianRange range;
  double tail = 0;
  for (size_t k = 0; 2 * (k + 1) <= n; ++k) {
    tail += binomial_share(n, k);
    const double confidence = 1 - 2 * tail;
    if (confidence < least) break;
    range = {k, confidence};
  }
  return range;
}

}  // namespace ckptbench
