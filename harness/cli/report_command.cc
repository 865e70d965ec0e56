#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "harness/cli/commands.h"
#include "harness/cli/run_end.h"
#include "harness/cli/run_plan.h"
#include "harness/cli/terminal_style.h"
#include "harness/platform/installation.h"
#include "results/page/report_files.h"
#include "results/record_store.h"

namespace ckptbench {

void print_report(const std::string& directory) {
  const auto input = load_results(directory);
  if (!input) throw ExitError(ExitCode::kEnvironment, input.error().message);
  fmt::print("{}", terminal_report(input.value(), style_of_stdout()));
  const ChartTools tools{python_program(CKPT_PYTHON),
                         shipped_path("scripts/render_charts.py", CKPT_CHART_SCRIPT)};
  const auto files = write_report(input.value(), directory, tools);
  if (!files) throw ExitError(ExitCode::kEnvironment, files.error().message);
  for (const std::string& warning : files.value().warnings) {
    fmt::print(stderr, "ckptbench: {}\n", warning);
  }
  fmt::print("report: {}\n", files.value().html);
}

ExitCode report_command(const Options& options) {
  const std::string& out = options.directory;
  print_report(out);
  const auto stored = read_records(out + "/results.jsonl");
  if (!stored) throw ExitError(ExitCode::kEnvironment, stored.error().message);
  const auto records = latest_records(stored.value().records);
  const RunPlan plan = plan_from_selection(stored_selection(out));
  const auto finished = finished_cells(records);
  const auto done = std::count_if(plan.cells.begin(), plan.cells.end(),
                                  [&](const Cell& cell) { return finished.contains(cell.id); });
  if (static_cast<size_t>(done) < plan.cells.size()) {
    fmt::print("{} of {} cells are finished; to go on: {} run --resume --out {}\n", done,
               plan.cells.size(), options.command_line(), shell_quoted(out));
  }
  return summarize(records, plan.cells, plan.known_failures, {options.command_line(), out});
}

}  // namespace ckptbench
