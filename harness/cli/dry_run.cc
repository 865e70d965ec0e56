#include "harness/cli/dry_run.h"

#include <fmt/format.h>

#include "faults/fault_kinds.h"
#include "harness/run/trial.h"

namespace ckptbench {
namespace {

// That a trial of the cell is known to be VACUOUS: its steps end before the first save.
bool saves_never(const Cell& cell) {
  const Policy& policy = cell.policy;
  const bool steps_alone = policy.every_s == 0 && policy.every_epochs == 0 &&
                           policy.manual_file.empty() && policy.sigterm_grace_s == 0 &&
                           policy.monitor.empty();
  return cell.kind != CellKind::kMeasure && steps_alone && policy.every_steps > cell.steps;
}

}  // namespace

ExitCode print_cells(const std::vector<Cell>& cells) {
  size_t vacuous = 0;
  for (const Cell& cell : cells) {
    const bool never = saves_never(cell);
    vacuous += never ? 1 : 0;
    fmt::print("{}  {}{}{}\n", cell.id, describe(cell.fault), never ? "  VACUOUS: " : "",
               never ? kNoSaveRequested : "");
  }
  fmt::print("{} cells\n", cells.size());
  if (vacuous == 0) return ExitCode::kOk;
  fmt::print("{} of them would be VACUOUS: {}\n", vacuous, kNoSaveRequested);
  return ExitCode::kHarness;
}

}  // namespace ckptbench
