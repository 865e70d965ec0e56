// From the command line, or from the folder of an earlier run, to the cells. Reads files; no thread
// rule.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/known_failure.h"
#include "harness/run/run_selection.h"

namespace ckptbench {

// The command line of `run`.
struct RunOptions {
  std::string suite;    // name of a shipped suite, or a file; empty: default
  GivenOptions given;   // what its results store
  std::string out;      // empty: ckptbench-results/<suite>-<utc>
  std::string repeat;   // the folder of an earlier run, repeated in another folder
  bool resume = false;  // continue what `out` has
  bool dry_run = false;
  uint64_t jobs = 0;  // 0: the number of cores

  // Of the run that is resumed or repeated; empty: a new one.
  const std::string& earlier_run() const;
};

struct RunPlan {
  RunSelection selection;
  uint64_t seed = 1;  // the run's own
  std::vector<Cell> cells;
  std::vector<KnownFailure> known_failures;  // the shipped ones and the suite's own
  std::vector<KnownFailure> own_failures;    // the suite's own
};

// Both throw ExitError(kUsage), naming what is wrong in the suite or a selection. Of an earlier run
// with --resume or --repeat: its selection, where --scratch and --keep may be given anew; what the
// command line says besides must be the same.
RunPlan plan_from_options(const RunOptions& options);
RunPlan plan_from_selection(const RunSelection& selection);
// Of the run in this folder. Throws ExitError(kUsage) where there is none.
RunSelection stored_selection(const std::string& out);
// What was known when this folder's run began: the shipped failures and its suite's own. A folder
// that stores no run, and "", have the shipped ones.
std::vector<KnownFailure> stored_known_failures(const std::string& out);

}  // namespace ckptbench
