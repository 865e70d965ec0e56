// Estimates of all metrics of one row: the measured ones, and those that follow from them by the
// formulas of results/metrics.h. Pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/core/record.h"
#include "results/statistics.h"

namespace ckptbench {

// Medians of all samples, by key, and the derived metrics whose parts were sampled.
std::map<std::string, Estimate> estimate_all(const SampleMap& samples);

}  // namespace ckptbench
