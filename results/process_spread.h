// Rows of several processes (`repeat` of a suite). What differs from process to process is the same
// for all samples of one, so an interval that takes them as independent is too narrow: the medians
// of the processes bound it (docs/metrics.md). Pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/core/record.h"
#include "results/metrics.h"
#include "results/statistics.h"

namespace ckptbench {

// `pooled` takes all samples as independent; `medians` has one value of each process. From
// kFewestForInterval processes on, value and interval are those of the medians. Of fewer, the
// interval is the hull of the pooled one and the medians, with the confidence that so many
// processes have whatever differs between them: 1 - 2^(1 - n). Unchanged with fewer than two.
Estimate across_processes(Estimate pooled, std::vector<double> medians);

// All metrics of a row, measured and derived (results/derived.h). Limits are those of all
// processes, counts are sums.
std::map<std::string, Estimate> estimate_row(const SampleMap& samples,
                                             const std::vector<SampleMap>& processes);

// "3 processes: 10.1 to 12.3", the range of their medians; empty: one process.
std::string processes_text(const Metric& metric, const Estimate& estimate);

}  // namespace ckptbench
