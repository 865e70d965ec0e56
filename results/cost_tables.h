// Measured rows, arranged for reading: one table for each workload, device and set of conditions,
// in sections of equal durability claims, the least stall first; with the columns of
// results/metrics.h that any row knows. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "results/metrics.h"
#include "results/result_rows.h"
#include "results/row_marks.h"

namespace ckptbench {

// Only rows of one section may be compared.
struct CostSection {
  std::string title;  // "claims to survive process,power", "claims nothing"
  std::vector<const ResultRow*> rows;
};

struct CostTable {
  std::string title;  // "digits-mlp on cpu: state 60.4 kB in 49 tensors, step 0.5 ms, 8 pairs"
  std::vector<MetricColumn> columns;
  std::vector<CostSection> sections;  // the strongest claim first
  // Of the marks in it, each letter once: "0  the stall's interval contains 0".
  std::vector<std::string> legend;
};
// REQUIRES: one bit of kTerminal, kMarkdown, kPage. The rows must outlive the tables.
std::vector<CostTable> make_cost_tables(const ResultRows& results, Shown place);

// How many samples its figures have where that is more than one and fewer than an interval takes:
// "2", "2 / 8"; empty elsewhere, of what is counted and not estimated (saves, bytes on disk), and
// of columns whose figures say it themselves.
std::string few_samples_text(const MetricColumn& column, const ResultRow& row);
// A row's cell in a column: "0.5 / 0.6", "1.32 / 1.10 (2)", "12.3 [11.9, 12.8]".
std::string cost_text(const MetricColumn& column, const ResultRow& row);
// What "(2)" in a cell of a column that is not left out means; empty: there is none.
std::string few_samples_legend(const CostTable& table,
                               const std::vector<std::string>& left_out = {});

}  // namespace ckptbench
