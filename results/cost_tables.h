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
  std::string title;  // "digits-mlp on cpu: state 56.5 kB, 8 pairs"
  std::vector<MetricColumn> columns;
  std::vector<CostSection> sections;  // the strongest claim first
  // Of the marks in it, each letter once: "0  the stall's interval contains 0".
  std::vector<std::string> legend;
};
// REQUIRES: one bit of kTerminal, kMarkdown, kPage. The rows must outlive the tables.
std::vector<CostTable> make_cost_tables(const ResultRows& results, Shown place);

// A row's cell in a column: "0.5 / 0.6", "12.3 [11.9, 12.8]".
std::string cost_text(const MetricColumn& column, const ResultRow& row);

}  // namespace ckptbench
