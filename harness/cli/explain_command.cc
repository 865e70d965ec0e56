#include <fmt/format.h>

#include "harness/cli/commands.h"
#include "harness/cli/terminal_style.h"
#include "results/explain.h"
#include "results/report_input.h"

namespace ckptbench {

ExitCode explain_command(const Options& options) {
  const auto input = load_results(options.directory);
  if (!input) throw ExitError(ExitCode::kEnvironment, input.error().message);
  const ResultRows rows = make_result_rows(input.value().records, input.value().environment);
  const auto text = explain_stall(rows, options.row, style_of_stdout().width);
  if (!text) throw ExitError(ExitCode::kUsage, text.error().message);
  fmt::print("{}", text.value());
  return ExitCode::kOk;
}

}  // namespace ckptbench
