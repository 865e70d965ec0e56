// What trials are compared with: the reference run (without saves, made twice and found equal), the
// undisturbed run (with saves and no fault: how long it takes, which phases it passes, which file
// operations it makes, what grows per save), and a second undisturbed run. Computed once each, kept
// in memory, shared by all slots.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "faults/api/fault_kind.h"
#include "harness/core/record.h"
#include "harness/core/verdict.h"
#include "harness/judge/judge.h"
#include "harness/run/description.h"
#include "harness/run/job_runner.h"
#include "harness/run/room_watch.h"

namespace ckptbench {

struct ReferenceRun {
  std::optional<Reference> reference;
  std::vector<LossPoint> losses;  // run "reference"
  std::string error;              // not empty: ORACLE-INVALID, and why
  std::string kept;               // where the files of one that failed lie; empty: it did not
  uint64_t state_bytes = 0;       // of one checkpoint's content; 0: the run failed
};

struct UndisturbedRun {
  // The run did not end in order: whose failure it was and how, with outcome NOT-RUN for trials
  // that would have to disturb it.
  std::optional<Verdict> failure;
  UndisturbedFacts run;  // what faults are made definite with
  UndisturbedFindings findings;
  std::string kept;  // as of a ReferenceRun
};

class Baselines {
 public:
  // `folder`: below which it works; cleaned after each. `evidence`: below which the files of one
  // that failed are kept. Any thread.
  Baselines(std::string folder, std::string evidence)
      : folder_(std::move(folder)), evidence_(std::move(evidence)) {}

  // Throw Interrupted and ExitError. A second thread that asks for the same waits for the first.
  std::shared_ptr<const ReferenceRun> reference(const Cell& cell, JobRunner& runner);
  // `strategy`: the cell's.
  std::shared_ptr<const UndisturbedRun> undisturbed(const Cell& cell, const NamedInfo& strategy,
                                                    JobRunner& runner);
  // A second one, for kinds of faults that compare runs.
  std::shared_ptr<const UndisturbedRun> undisturbed_again(const Cell& cell,
                                                          const NamedInfo& strategy,
                                                          JobRunner& runner);
  // Of all that runs below `folder`: every runner that is given here looks there.
  RoomWatch& room() { return room_; }

 private:
  // One value per key, computed by the first that asks.
  template <class T>
  class Once {
   public:
    std::shared_ptr<const T> get(const std::string& key, const std::function<T()>& compute);

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::shared_ptr<const T>> values_;
    std::map<std::string, bool> running_;
  };

  ReferenceRun run_reference(const Cell& cell, JobRunner& runner, const std::string& folder);
  // `name`: of its folder, which is kept where it failed.
  UndisturbedRun run_undisturbed_as(const std::string& name, const Cell& cell,
                                    const NamedInfo& strategy, JobRunner& runner);
  UndisturbedRun run_undisturbed(const Cell& cell, const NamedInfo& strategy, JobRunner& runner,
                                 const std::string& folder);

  std::string folder_;
  std::string evidence_;
  RoomWatch room_;
  Once<ReferenceRun> references_;
  Once<UndisturbedRun> undisturbed_;
  Once<UndisturbedRun> undisturbed_again_;
};

}  // namespace ckptbench
