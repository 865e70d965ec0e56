// The files of a report: report.html, results.csv, table.md, junit.xml and the charts. Blocks while
// charts are drawn; no thread rule.
#pragma once

#include <string>
#include <vector>

#include "harness/core/error.h"
#include "results/page/chart_render.h"
#include "results/report_input.h"

namespace ckptbench {

struct ReportFiles {
  std::string html;
  std::string csv;
  std::string markdown;
  std::string junit;
  std::vector<std::string> warnings;  // e.g. why the charts are missing
};
// Writes them and charts/*.vl.json into `directory`, each to a temporary first. Errors name the
// file.
Result<ReportFiles> write_report(const ReportInput& input, const std::string& directory,
                                 const ChartTools& tools);

}  // namespace ckptbench
