#include "harness/run/measured_disk.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/error.h"
#include "harness/platform/machine.h"

namespace ckptbench {
namespace {

// What claims nothing is measured without restores.
bool restores_cold(const Cell& cell, const CheckedNames& names) {
  return cell.kind == CellKind::kMeasure && !names.strategy(cell.strategy).survives.empty();
}

}  // namespace

void check_measured_disk(const std::string& folder, const std::vector<Cell>& cells,
                         const CheckedNames& names) {
  const std::string type = filesystem_of(folder).type;
  if (type != "tmpfs" && type != "ramfs") return;
  const auto cell = std::find_if(cells.begin(), cells.end(),
                                 [&](const Cell& own) { return restores_cold(own, names); });
  if (cell == cells.end()) return;
  throw ExitError(ExitCode::kEnvironment,
                  fmt::format("{} is on {}, which is memory; the cold restores of {} need --out on "
                              "a disk (--kind leaves out measured cells)",
                              folder, type, cell->id));
}

}  // namespace ckptbench
