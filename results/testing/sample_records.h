// A small, realistic set of records for the tests of this folder: two workloads, measured cells and
// trials of sound, opaque and broken strategies. Seeded.
#pragma once

#include <string>
#include <vector>

#include "results/report_input.h"

namespace ckptbench {

Record measured_record(const std::string& workload, const std::string& strategy, double stall_ms,
                       double written_per_parameter);
// With samples of every metric that is measured and has no '*' in its key.
Record fully_sampled_record();
Record trial_record(const std::string& id, const std::string& strategy, const std::string& fault,
                    const Verdict& verdict, bool allowed);
Verdict data_verdict(DataVerdict value, uint64_t lost_steps = 0);
ReportInput sample_report();
// In place of what the measured cells of a strategy have for this metric.
void set_samples(ReportInput& input, const std::string& strategy, const std::string& metric,
                 const std::vector<double>& values);

}  // namespace ckptbench
