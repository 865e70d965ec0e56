// What a run would do, without doing it. Prints to stdout; no thread rule.
#pragma once

#include <vector>

#include "harness/core/cell.h"
#include "harness/core/error.h"

namespace ckptbench {

// A line per cell, and the exit code that the run would have for what is known before it.
ExitCode print_cells(const std::vector<Cell>& cells);

}  // namespace ckptbench
