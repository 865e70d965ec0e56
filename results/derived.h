// Estimates of all metrics of one row: the measured ones, and those that follow from them by the
// formulas of results/metrics.h. Pure functions.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "harness/core/record.h"
#include "results/metrics.h"
#include "results/statistics.h"

namespace ckptbench {

// Medians of all samples, by key, and those derived ones of `metrics` whose parts were sampled.
std::map<std::string, Estimate> estimate_all(const SampleMap& measured,
                                             std::span<const Metric> metrics = all_metrics());

}  // namespace ckptbench
