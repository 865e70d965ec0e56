#include "results/process_spread.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "results/derived.h"
#include "results/figure_text.h"

namespace ckptbench {
namespace {

Estimate of_medians(const Estimate& pooled, const std::vector<double>& medians) {
  Estimate estimate = estimate_median(medians);
  estimate.count = pooled.count;
  estimate.dropped = pooled.dropped;
  return estimate;
}

// A limit is what the machine was seen to reach, in whichever process.
SampleMap with_probes_of_all(SampleMap process, const SampleMap& all) {
  for (auto& [key, values] : process) {
    if (key.starts_with("probe_")) values = all.at(key);
  }
  return process;
}

}  // namespace

Estimate across_processes(Estimate pooled, std::vector<double> medians) {
  std::erase_if(medians, [](double median) { return !std::isfinite(median); });
  if (medians.size() < 2) return pooled;
  const auto [least, most] = std::minmax_element(medians.begin(), medians.end());
  Estimate estimate = pooled;
  if (medians.size() >= kFewestForInterval) {
    estimate = of_medians(pooled, medians);
  } else if (pooled.has_interval()) {
    estimate.low = std::min(pooled.low, *least);
    estimate.high = std::max(pooled.high, *most);
    const double promised = 1 - std::pow(2, 1 - static_cast<double>(medians.size()));
    estimate.confidence = std::min(pooled.confidence, promised);
  }
  estimate.processes = medians.size();
  estimate.process_low = *least;
  estimate.process_high = *most;
  return estimate;
}

std::map<std::string, Estimate> estimate_row(const SampleMap& samples,
                                             const std::vector<SampleMap>& processes) {
  std::map<std::string, Estimate> estimates = estimate_all(samples);
  if (processes.size() < 2) return estimates;
  std::map<std::string, std::vector<double>> medians;
  for (const SampleMap& process : processes) {
    for (const auto& [key, own] : estimate_all(with_probes_of_all(process, samples))) {
      medians[key].push_back(own.value);
    }
  }
  for (auto& [key, estimate] : estimates) {
    const Metric* metric = find_metric(key);
    if (metric != nullptr && metric->sum) continue;
    estimate = across_processes(estimate, medians[key]);
  }
  return estimates;
}

std::string processes_text(const Metric& metric, const Estimate& estimate) {
  if (estimate.processes < 2) return "";
  const auto text = [&](double value) {
    return value_text(metric, {.value = value, .count = estimate.count});
  };
  return fmt::format("{} processes: {} to {}", estimate.processes, text(estimate.process_low),
                     text(estimate.process_high));
}

}  // namespace ckptbench
