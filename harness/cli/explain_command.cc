// `explain`: where the stall of measured rows comes from.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "harness/cli/command.h"
#include "harness/cli/report_output.h"
#include "harness/cli/terminal_style.h"
#include "results/explain.h"

namespace ckptbench {
namespace {

struct ExplainOptions {
  std::string directory;
  std::string row;  // number or part of the name of a row; empty: all
};

ExitCode explain(const ExplainOptions& options) {
  const ReportInput input = read_results(options.directory);
  const ResultRows rows = make_result_rows(input.records, input.environment);
  const auto text = explain_stall(rows, options.row, style_of_stdout().width);
  if (!text) throw ExitError(ExitCode::kUsage, text.error().message);
  fmt::print("{}", text.value());
  return ExitCode::kOk;
}

CommandBody add_explain_options(CLI::App& app) {
  auto options = std::make_shared<ExplainOptions>();
  app.add_option("directory", options->directory, "a results folder")->required();
  app.add_option("row", options->row,
                 "number of a measured row, or a part of its workload and strategy "
                 "(default: all rows)");
  return [options](const CommandCall&) { return explain(*options); };
}

}  // namespace

CommandRow explain_command() {
  return {.name = "explain",
          .summary = "say where the stall of a row comes from",
          .add_options = add_explain_options,
          .interruptible = false};
}

}  // namespace ckptbench
