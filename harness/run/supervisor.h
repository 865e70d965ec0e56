// Runs the cells of a plan: trials and sweeps side by side on slots, then the measured cells one by
// one, alone on the machine. Every finished cell is a Record handed to `on_record` at once.
// One thread calls run(); the slots' threads are joined when it returns.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/core/record.h"
#include "harness/run/worker_program.h"

namespace ckptbench {

struct RunSettings {
  WorkerProgram worker;
  std::string out;      // results, measured cells, kept evidence; exists
  std::string scratch;  // cells of trials; empty: below `out`
  uint64_t jobs = 1;    // trials at a time
  bool keep = false;    // keep the files of every trial
};

enum class RunEnd { kComplete, kInterrupted };

class Supervisor {
 public:
  using OnRecord = std::function<void(const Record&)>;
  // `names` outlives it.
  Supervisor(RunSettings settings, const CheckedNames& names);

  // Throws ExitError when the run cannot go on; what was recorded before stays recorded. No process
  // and no folder of an unfinished cell is left behind, however it ends.
  RunEnd run(const std::vector<Cell>& cells, const OnRecord& on_record);

 private:
  RunEnd run_trials(const std::vector<Cell>& cells, const OnRecord& on_record);
  RunEnd run_measures(const std::vector<Cell>& cells, const OnRecord& on_record);

  RunSettings settings_;
  const CheckedNames& names_;
};

// Where the cells of trials live. Removed with everything in it where nothing was kept.
std::string cells_folder(const RunSettings& settings);
// Before a run is resumed: removes what a killed one left of unfinished cells. `kept`: folders that
// records name.
void remove_leftovers(const RunSettings& settings, const std::vector<std::string>& kept);

}  // namespace ckptbench
