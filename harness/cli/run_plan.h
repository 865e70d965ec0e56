// From the command line, or from the folder of an earlier run, to the cells. Reads files; no thread
// rule.
#pragma once

#include <string>
#include <vector>

#include "harness/cli/options.h"
#include "harness/core/cell.h"
#include "harness/core/known_failure.h"
#include "harness/run/run_selection.h"

namespace ckptbench {

struct RunPlan {
  RunSelection selection;
  uint64_t seed = 1;  // the run's own
  std::vector<Cell> cells;
  std::vector<KnownFailure> known_failures;  // the shipped ones and the suite's own
};

// Both throw ExitError(kUsage), naming what is wrong in the suite or a selection.
RunPlan plan_from_options(const Options& options);
RunPlan plan_from_selection(const RunSelection& selection);
// Of the run in this folder. Throws ExitError(kUsage) where there is none.
RunSelection stored_selection(const std::string& out);
// --resume: the stored selection; --scratch and --keep may be given anew. Throws ExitError(kUsage),
// naming what the command line says that the stored run does not.
RunSelection resumed_selection(const Options& options);

}  // namespace ckptbench
