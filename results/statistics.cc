#include "results/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace ckptbench {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> finite_sorted(std::span<const double> values) {
  std::vector<double> kept;
  for (double value : values) {
    if (std::isfinite(value)) kept.push_back(value);
  }
  std::sort(kept.begin(), kept.end());
  return kept;
}

double mean(std::span<const double> values) {
  double sum = 0;
  for (double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double squares_about(std::span<const double> values, double middle) {
  double sum = 0;
  for (double value : values) sum += (value - middle) * (value - middle);
  return sum;
}

// REQUIRES: sorted.
Estimate estimate_sorted(const std::vector<double>& sorted, double least) {
  Estimate estimate{quantile_of_sorted(sorted, 0.5), kNan, kNan, sorted.size()};
  if (sorted.size() < kFewestForInterval) return estimate;
  const MedianRange range = median_range(sorted.size(), least);
  if (range.confidence == 0) return estimate;
  estimate.low = sorted[range.outside];
  estimate.high = sorted[sorted.size() - 1 - range.outside];
  estimate.confidence = range.confidence;
  return estimate;
}

// Both sides vary, and not together. REQUIRES: sorted, not empty.
Estimate quotient_of_medians(const std::vector<double>& a, const std::vector<double>& b,
                             double factor) {
  const double each = (1 + kConfidence) / 2;
  const Estimate top = estimate_sorted(a, each);
  const Estimate bottom = estimate_sorted(b, each);
  Estimate estimate{factor * top.value / bottom.value, kNan, kNan, std::min(a.size(), b.size())};
  if (!top.has_interval() || !bottom.has_interval()) return estimate;
  estimate.low = factor * top.low / bottom.high;
  estimate.high = factor * top.high / bottom.low;
  estimate.confidence = top.confidence + bottom.confidence - 1;
  return estimate;
}

}  // namespace

double quantile(std::span<const double> values, double q) {
  return quantile_of_sorted(finite_sorted(values), q);
}

double median(std::span<const double> values) {
  return quantile(values, 0.5);
}

Estimate estimate_median(std::span<const double> values, double least) {
  const std::vector<double> kept = finite_sorted(values);
  Estimate estimate = estimate_sorted(kept, least);
  estimate.dropped = values.size() - kept.size();
  return estimate;
}

Estimate estimate_quotient(std::span<const double> a, std::span<const double> b, double factor) {
  const size_t most = std::max(a.size(), b.size());
  const bool pairs = a.size() == b.size() || a.size() == 1 || b.size() == 1;
  if (pairs && !a.empty() && !b.empty()) {
    std::vector<double> quotients(most);
    for (size_t i = 0; i < most; ++i) {
      quotients[i] = factor * a[a.size() == 1 ? 0 : i] / b[b.size() == 1 ? 0 : i];
    }
    return estimate_median(quotients);
  }
  const std::vector<double> top = finite_sorted(a);
  const std::vector<double> bottom = finite_sorted(b);
  Estimate estimate{kNan, kNan, kNan};
  if (!top.empty() && !bottom.empty()) estimate = quotient_of_medians(top, bottom, factor);
  estimate.dropped = a.size() + b.size() - top.size() - bottom.size();
  return estimate;
}

Estimate estimate_difference(std::span<const double> a, std::span<const double> b) {
  if (a.size() == b.size()) {
    std::vector<double> differences(a.size());
    for (size_t i = 0; i < a.size(); ++i) differences[i] = a[i] - b[i];
    return estimate_median(differences);
  }
  const double each = (1 + kConfidence) / 2;
  const Estimate top = estimate_median(a, each);
  const Estimate bottom = estimate_median(b, each);
  Estimate estimate{top.value - bottom.value, kNan, kNan, std::min(top.count, bottom.count)};
  estimate.dropped = top.dropped + bottom.dropped;
  if (!top.has_interval() || !bottom.has_interval()) return estimate;
  estimate.low = top.low - bottom.high;
  estimate.high = top.high - bottom.low;
  estimate.confidence = top.confidence + bottom.confidence - 1;
  return estimate;
}

bool two_clusters(std::span<const double> values, Clusters& clusters) {
  const std::vector<double> sorted = finite_sorted(values);
  const size_t n = sorted.size();
  const size_t least = std::max<size_t>(2, (n + 4) / 5);
  if (n < kFewestForInterval || 2 * least > n) return false;
  // Splits of samples with one mode reach about 3.5 standard deviations, of few samples more: the
  // bound was found by simulation and is exceeded by fewer than 4 of 100 (statistics_test.cc).
  double farthest = 4.5 + 45 / static_cast<double>(n);
  bool found = false;
  const std::span<const double> all(sorted);
  for (size_t split = least; split + least <= n; ++split) {
    const auto below = all.first(split);
    const auto above = all.subspan(split);
    const double distance = mean(above) - mean(below);
    const double spread =
        std::sqrt((squares_about(below, mean(below)) + squares_about(above, mean(above))) /
                  static_cast<double>(n - 2));
    if (distance <= 0 || distance < farthest * spread) continue;
    farthest = spread > 0 ? distance / spread : std::numeric_limits<double>::max();
    clusters = {quantile_of_sorted(below, 0.5), quantile_of_sorted(above, 0.5), above.size()};
    found = true;
  }
  return found;
}

}  // namespace ckptbench
