// The same results for other programs: CSV and Markdown (JUnit: results/junit.h). Pure functions.
#pragma once

#include <string>

#include "results/result_rows.h"

namespace ckptbench {

// One row per metric: workload, conditions, strategy, device, metric, value, low, high, confidence,
// samples, dropped; of rows with several processes how many, and the range of their medians; and
// what ended the row's pairs. In raw units (docs/metrics.md). RFC 4180; unknown values are empty.
std::string to_csv(const ResultRows& results);
// Costs, verdicts and known failures as tables of GitHub's Markdown.
std::string to_markdown(const ResultRows& results);
// A name as a spreadsheet may safely read it: quoted where needed, never a formula.
std::string csv_field(const std::string& text);
std::string markdown_text(const std::string& text);

}  // namespace ckptbench
