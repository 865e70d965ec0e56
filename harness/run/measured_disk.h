// Whether costs can be measured where the results of a run are to lie: a cold restore reads from a
// disk, and files of a file system in memory have no other place. Reads the file system; no thread
// rule.
#pragma once

#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/run/worker_program.h"

namespace ckptbench {

// `folder`: an existing one on that file system. Throws ExitError(kEnvironment) where it is in
// memory and a cell would restore cold from it.
void check_measured_disk(const std::string& folder, const std::vector<Cell>& cells,
                         const CheckedNames& names);

}  // namespace ckptbench
