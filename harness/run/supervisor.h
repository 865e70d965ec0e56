// Runs the cells of a plan: trials and sweeps side by side on slots, then the measured cells one by
// one, alone on the machine. Every finished cell is a Record handed to `on_record` at once.
// One thread calls run(); the slots' threads are joined when it returns.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/core/known_failure.h"
#include "harness/core/record.h"
#include "harness/run/scratch_folder.h"
#include "harness/run/worker_program.h"

namespace ckptbench {

struct RunSettings {
  WorkerProgram worker;
  std::string out;         // results, measured cells, kept evidence; exists
  std::string scratch;     // the files of trials while they run; may be `out`
  nlohmann::json storage;  // what `scratch` lies on, for the records
  std::vector<KnownFailure> known_failures;
  uint64_t jobs = 1;      // trials at a time
  uint64_t gpu_jobs = 1;  // the same where any of them trains on a GPU
  bool keep = false;      // keep the files of every trial
};

// Of trials that run in `scratch`; jobs 0: the number of cores, and on a GPU at most 8, since each
// process takes some hundred MB of its memory, and seconds to begin with it.
RunSettings make_settings(const WorkerProgram& worker, const std::string& out,
                          const ScratchFolder& scratch, uint64_t jobs);

// How fast the trials and points of sweeps went, all together.
struct TrialRate {
  uint64_t trials = 0;  // recorded ones
  double wall_s = 0;
  uint64_t cores = 0;  // at work at a time: the slots, as far as there are cores for them
  double per_second_per_core() const;
};

// How many of these trials run at a time.
uint64_t count_slots(const RunSettings& settings, const std::vector<Cell>& trials);

enum class RunEnd { kComplete, kInterrupted };

class Supervisor {
 public:
  using OnRecord = std::function<void(const Record&)>;
  using IsNeedless = std::function<bool(const Cell&)>;
  // `names` outlives it.
  Supervisor(RunSettings settings, const CheckedNames& names);

  // Throws ExitError when the run cannot go on; what was recorded before stays recorded. No process
  // and no folder of an unfinished cell is left behind, however it ends.
  // A trial, or what is left of a sweep, for which `is_needless` is true when its turn comes is
  // left out; it is never called beside `on_record`.
  RunEnd run(const std::vector<Cell>& cells, const OnRecord& on_record,
             const IsNeedless& is_needless = nullptr);
  // Of the last run().
  const TrialRate& rate() const { return rate_; }

 private:
  RunEnd run_trials(const std::vector<Cell>& cells, const OnRecord& on_record,
                    const IsNeedless& is_needless);
  RunEnd run_measured_cells(const std::vector<Cell>& cells, const OnRecord& on_record);

  RunSettings settings_;
  const CheckedNames& names_;
  TrialRate rate_;
};

// Before a run is resumed: removes what a killed one left of unfinished cells. `kept`: folders that
// records name.
void remove_leftovers(const RunSettings& settings, const std::vector<std::string>& kept);

}  // namespace ckptbench
