// From an output directory to what people read: terminal table, report.html, results.csv, table.md,
// junit.xml. Everything is made from the files of that directory alone:
//   results.jsonl      one Record per line (results/record_store.h)
//   environment.json   Environment::fields. Known keys: "suite" (name), "suite_text" (the file as
//                      read), "seed", "strategies": [{"name","group": native|peer|broken,
//                      "survives": "process,power","summary","source"}]; every other key is shown
//                      as it is, nested ones with dots.
// Pure apart from write_report; no thread rule.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/record.h"

namespace ckptbench {

struct ReportInput {
  std::vector<Record> records;  // latest per cell (and point)
  Environment environment;
  std::vector<std::string> warnings;  // e.g. the torn last line
};
// Errors: no such directory, no results.jsonl, damaged files. A missing environment.json is a
// warning.
Result<ReportInput> load_results(const std::string& directory);

struct TableStyle {
  bool colour = false;  // ANSI colours; the caller checks that the output is a terminal
  size_t width = 120;   // columns
};
// Costs and verdicts per strategy × workload, then what went wrong, then warnings.
std::string terminal_table(const ReportInput& input, const TableStyle& style);

// How the Vega-Lite charts are drawn. Empty python: no pictures, and the page says why.
struct ChartTools {
  std::string python;  // interpreter of the venv with vl-convert-python
  std::string script;  // scripts/render_charts.py
};

struct ReportFiles {
  std::string html;
  std::string csv;
  std::string markdown;
  std::string junit;
  std::vector<std::string> warnings;  // e.g. why the charts are missing
};
// Writes report.html, results.csv, table.md, junit.xml and charts/*.vl.json into `directory`, each
// to a temporary first. Errors name the file.
Result<ReportFiles> write_report(const ReportInput& input, const std::string& directory,
                                 const ChartTools& tools);

}  // namespace ckptbench
