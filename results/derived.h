// Metrics that follow from measured ones (docs/metrics.md gives each formula). Pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "results/statistics.h"

namespace ckptbench {

using SampleMap = std::map<std::string, std::vector<double>>;

// Estimates of all measured metrics and of: effective_bytes_per_s, written_bytes_per_s,
// of_limit_pct, limit_bytes_per_s, of_overwrite_limit_pct, overwrite_limit_bytes_per_s,
// restore_of_limit_pct, read_limit_bytes_per_s, written_bytes_per_parameter,
// retained_bytes_per_parameter, block_per_memcpy. "paired_ratio" is a geometric mean, all else a
// median.
std::map<std::string, Estimate> estimate_all(const SampleMap& samples);

}  // namespace ckptbench
