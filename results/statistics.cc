#include "results/statistics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "harness/core/prng.h"

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

double quantile_of_sorted(std::span<const double> sorted, double q) {
  if (sorted.empty()) return kNan;
  const double position = q * static_cast<double>(sorted.size() - 1);
  const size_t below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

double mean(std::span<const double> values) {
  double sum = 0;
  for (double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

using Statistic = std::function<double(std::vector<double>&)>;

// Percentile bootstrap of a statistic over finite values. REQUIRES: sorted.
Estimate bootstrap(const std::vector<double>& values, const Statistic& statistic,
                   const BootstrapOptions& options) {
  std::vector<double> sample = values;
  Estimate estimate;
  estimate.count = values.size();
  estimate.value = values.empty() ? kNan : statistic(sample);
  estimate.low = estimate.high = estimate.value;
  if (values.size() < 2 || values.front() == values.back()) return estimate;
  Prng prng(options.seed);
  std::vector<double> replicas(options.resamples);
  for (double& replica : replicas) {
    for (double& value : sample) value = values[prng.below(values.size())];
    replica = statistic(sample);
  }
  std::sort(replicas.begin(), replicas.end());
  const double tail = (1 - options.confidence) / 2;
  estimate.low = quantile_of_sorted(replicas, tail);
  estimate.high = quantile_of_sorted(replicas, 1 - tail);
  return estimate;
}

// As quantile_of_sorted(values, 0.5), without sorting all of them for each of the resamples.
double median_in_place(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return std::lerp(*std::max_element(values.begin(), middle), *middle, 0.5);
}

double resampled_median(const std::vector<double>& values, Prng& prng) {
  std::vector<double> sample(values.size());
  for (double& value : sample) value = values[prng.below(values.size())];
  return median_in_place(sample);
}

// REQUIRES: sorted.
Estimate apart(const std::vector<double>& a, const std::vector<double>& b, size_t given,
               double scale, const BootstrapOptions& options) {
  Estimate estimate;
  estimate.dropped = given - a.size() - b.size();
  estimate.value = estimate.low = estimate.high = kNan;
  if (a.empty() || b.empty()) return estimate;
  const bool single = a.size() == 1 || b.size() == 1;
  estimate.count = single ? std::max(a.size(), b.size()) : std::min(a.size(), b.size());
  estimate.value = scale * quantile_of_sorted(a, 0.5) / quantile_of_sorted(b, 0.5);
  Prng prng(options.seed);
  std::vector<double> replicas(options.resamples);
  for (double& replica : replicas) {
    const double top = resampled_median(a, prng);
    replica = scale * top / resampled_median(b, prng);
  }
  std::sort(replicas.begin(), replicas.end());
  const double tail = (1 - options.confidence) / 2;
  estimate.low = quantile_of_sorted(replicas, tail);
  estimate.high = quantile_of_sorted(replicas, 1 - tail);
  return estimate;
}

}  // namespace

double quantile(std::span<const double> values, double q) {
  return quantile_of_sorted(finite_sorted(values), q);
}

double median(std::span<const double> values) {
  return quantile(values, 0.5);
}

Estimate estimate_median(std::span<const double> values, const BootstrapOptions& options) {
  const std::vector<double> kept = finite_sorted(values);
  Estimate estimate = bootstrap(kept, median_in_place, options);
  estimate.dropped = values.size() - kept.size();
  return estimate;
}

Estimate estimate_ratio(std::span<const double> ratios, const BootstrapOptions& options) {
  std::vector<double> logs;
  for (double ratio : ratios) {
    if (std::isfinite(ratio) && ratio > 0) logs.push_back(std::log(ratio));
  }
  std::sort(logs.begin(), logs.end());
  const auto geometric = [](std::vector<double>& sample) { return std::exp(mean(sample)); };
  Estimate estimate = bootstrap(logs, geometric, options);
  estimate.dropped = ratios.size() - logs.size();
  return estimate;
}

Estimate estimate_paired_ratio(std::span<const double> with, std::span<const double> without,
                               const BootstrapOptions& options) {
  std::vector<double> ratios(std::min(with.size(), without.size()));
  for (size_t i = 0; i < ratios.size(); ++i) {
    const bool usable = std::isfinite(with[i]) && std::isfinite(without[i]) && without[i] > 0;
    ratios[i] = usable ? with[i] / without[i] : kNan;
  }
  return estimate_ratio(ratios, options);
}

Estimate estimate_quotient(std::span<const double> a, std::span<const double> b, double scale,
                           const BootstrapOptions& options) {
  if (a.size() != b.size()) {
    return apart(finite_sorted(a), finite_sorted(b), a.size() + b.size(), scale, options);
  }
  std::vector<double> ratios(a.size());
  for (size_t i = 0; i < a.size(); ++i) ratios[i] = scale * a[i] / b[i];
  return estimate_median(ratios, options);
}

}  // namespace ckptbench
