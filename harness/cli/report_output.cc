#include "harness/cli/report_output.h"

#include <fmt/format.h>

#include <cstdio>

#include "harness/cli/results_folder.h"
#include "harness/cli/terminal_style.h"
#include "harness/platform/installation.h"
#include "results/page/report_files.h"

namespace ckptbench {

ReportInput read_results(const std::string& directory) {
  check_results_folder(directory, "results.jsonl");
  auto input = load_results(directory);
  if (!input) throw ExitError(ExitCode::kEnvironment, input.error().message);
  return std::move(input).value();
}

ExitCode print_report(const ReportInput& input, const std::string& directory) {
  fmt::print("{}", terminal_report(input, style_of_stdout()));
  const ChartTools tools{python_program(CKPT_PYTHON),
                         shipped_path("scripts/render_charts.py", CKPT_CHART_SCRIPT)};
  const auto files = write_report(input, directory, tools);
  if (!files) {
    fmt::print(stderr, "ckptbench: the report was not written: {}\n", files.error().message);
    return ExitCode::kEnvironment;
  }
  for (const std::string& warning : files.value().warnings) {
    fmt::print(stderr, "ckptbench: {}\n", warning);
  }
  fmt::print("report: {}\n", files.value().html);
  return ExitCode::kOk;
}

}  // namespace ckptbench
