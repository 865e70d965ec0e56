// `report`: the report of a results folder again, with the exit code of its run as far as its
// records go.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include "harness/cli/command.h"
#include "harness/cli/report_output.h"
#include "harness/cli/run_end.h"
#include "harness/cli/run_plan.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

ExitCode report(const std::string& out, const Options& options) {
  const ReportInput input = read_results(out);
  const ExitCode written = print_report(input, out);
  const RunPlan plan = plan_from_selection(stored_selection(out));
  const auto in_plan = [&](const std::set<std::string>& ids) {
    return static_cast<size_t>(
        std::count_if(plan.cells.begin(), plan.cells.end(),
                      [&](const Cell& cell) { return ids.contains(cell.id); }));
  };
  const size_t done = in_plan(finished_cells(input.records));
  const size_t failed = in_plan(failed_cells(input.records));
  if (done < plan.cells.size()) {
    const bool part = done + failed < plan.cells.size();
    fmt::print("{} of {} cells are finished{}; to {}: {} run --resume --out {}\n", done,
               plan.cells.size(), failed > 0 ? fmt::format(", {} failed", failed) : "",
               part ? "go on" : "run what failed again", options.command_line(), shell_quoted(out));
  }
  return worse(written, summarize(input.records, plan.cells, plan.known_failures,
                                  {options.command_line(), out}));
}

CommandBody add_report_options(CLI::App& app) {
  auto directory = std::make_shared<std::string>();
  app.add_option("directory", *directory, "a results folder")->required();
  return [directory](const CommandCall& call) { return report(*directory, call.options); };
}

}  // namespace

CommandRow report_command() {
  return {.name = "report",
          .summary = "make the table and report.html again",
          .add_options = add_report_options,
          .interruptible = false};
}

}  // namespace ckptbench
