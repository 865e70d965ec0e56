#include "harness/run/trial.h"

#include <fmt/format.h>

#include "harness/run/job_files.h"
#include "harness/run/trial_attempt.h"

namespace ckptbench {
namespace {

// Which files a strategy writes, and how often, is not the same in each run: a point of one
// undisturbed run may be missing in the next. A run that misses it is judged too, and what is wrong
// with it is the trial's verdict. A strategy that draws how many files it writes often has fewer
// than in the run before, whose last point it is to meet; five times in a row is rare.
constexpr int kRunsPerTrial = 5;

Record run_until_met(const Cell& planned, CellFolder& folder, const TrialSetup& setup) {
  Cell cell = planned;
  std::optional<Fault> in_place;
  for (int runs = 1;; ++runs) {
    write_cell(planned, folder.path());
    TrialAttempt attempt = attempt_trial(cell, folder.path(), setup, in_place);
    Record& record = attempt.record;
    if (runs > 1) record.observed["runs"] = runs;
    if (!attempt.never_fired || !record.allowed) return record;
    if (runs == kRunsPerTrial) {
      record.verdict->explanation += fmt::format("; so in each of {} runs", runs);
      return record;
    }
    if (attempt.nearest) {
      cell.fault = record.cell.fault;
      in_place = attempt.nearest;
    }
    folder.clear();
  }
}

// The runners look for room after each job.
Record run_watched(const Cell& cell, CellFolder& folder, const TrialSetup& setup) {
  RoomWatch& room = setup.baselines.room();
  WatchedRunner first(setup.runner, room);
  WatchedRunner other(setup.other_runner, room);
  const TrialSetup watched{
      first,      other,         setup.baselines, setup.strategy, setup.known_failures,
      setup.keep, setup.storage, setup.point};
  return run_until_met(cell, folder, watched);
}

bool is_worth_keeping(const Record& record, const TrialSetup& setup) {
  const auto& outcome = record.verdict->outcome;
  const bool unexplained = outcome && *outcome != HarnessOutcome::kNotApplicable &&
                           *outcome != HarnessOutcome::kSweepEnd;
  const bool stacks = record.verdict->findings.contains(Finding::kHang);
  return setup.keep || !record.allowed || unexplained || stacks;
}

}  // namespace

Record run_trial(const Cell& cell, const std::string& path, const std::string& evidence,
                 const TrialSetup& setup) {
  CellFolder folder(path);
  Record record = run_watched(cell, folder, setup);
  if (setup.point > 0) write_cell(record.cell, path);  // a replay meets the same point
  if (!setup.storage.is_null()) record.observed["storage"] = setup.storage;
  if (!is_worth_keeping(record, setup)) return record;
  folder.keep_at(evidence);
  record.observed["folder"] = evidence;
  replace_all(record.verdict->explanation, path, evidence);
  return record;
}

}  // namespace ckptbench
