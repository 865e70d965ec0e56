// What a kind of fault must do. It is one row, beside its code in a folder of its own: its name,
// what a suite may say of it, how it is planned, made definite, armed beneath a strategy, and
// described. The planner, the worker, the judge and the results ask the row; none of them knows a
// kind by name.
//
// All kinds kill. Another effect is a new FaultClass, which the judge's table must know, too
// (docs/design.md, "Adding a fault kind").
//
// A kind writes its evidence to the job's fault log before it acts, and only then: a death by
// SIGKILL without that line is not the fault's. It ends the whole job
// (harness/platform/job_kill.h), as the loss of a machine does.
//
// Rows are plain values. Planning and texts: pure, any thread. arm(): in the job's process, before
// the strategy is opened; what it returns belongs to the training loop.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "faults/api/fault_evidence.h"
#include "faults/api/unseen_change.h"
#include "harness/core/cell.h"
#include "harness/core/job.h"
#include "harness/core/verdict.h"
#include "harness/platform/trace.h"

namespace ckptbench {

// What the table of allowed verdicts knows of a fault (harness/judge/allowed.h).
enum class FaultClass {
  kNone,  // nothing disturbs the run
  kKill,  // SIGKILL of the job: the page cache stays
};
const std::vector<std::string>& fault_class_names();  // "none", "kill": in their order
std::string_view fault_class_name(FaultClass value);

// A fault and the part of a cell's id that names it: "phase-write-before-1"; safe in file names.
struct NamedFault {
  std::string name;
  Fault fault;
};

// One key of the kind's table in a suite.
struct FaultKey {
  enum class Type { kWords, kWholes, kReals, kText };
  std::string name;
  Type type = Type::kText;
  std::vector<std::string> defaults = {};
  std::vector<std::string> words = {};  // kWords: the ones that are known
  double minimum = 0;                   // of each number
  double maximum = 1e15;
  bool single = false;                           // one number, no list
  bool in_sweeps = false;                        // a [[sweep]] may say it, too
  std::vector<std::string> sweep_defaults = {};  // where a [[sweep]] has no such table at all
};

// Such a table as read: the texts of every key, defaults included.
struct FaultGroup {
  std::map<std::string, std::vector<std::string>> values;
  // REQUIRES of all: the row has that key.
  const std::vector<std::string>& texts(const std::string& key) const { return values.at(key); }
  std::vector<uint64_t> wholes(const std::string& key) const;
  std::vector<double> reals(const std::string& key) const;
  uint64_t whole(const std::string& key) const;  // 0: not given
};

// Where a plan stands in a suite. A draw is seeded with `seed` and `stem`, the part of the cell's
// id before the fault, so that a change elsewhere in the suite changes none of the draws.
struct PlanSite {
  bool sweep = false;
  uint64_t seed = 1;
  std::string stem;
};

// What an undisturbed run of the same strategy showed (harness/run/baseline.h).
struct UndisturbedFacts {
  uint64_t saves = 0;  // requested
  double first_save_to_end_ns = 0;
  std::vector<FileOperation> operations;  // below the checkpoint directory, in the order of the log
  // File operations of a second undisturbed run, where the kind compares two; empty: not made.
  std::vector<FileOperation> again;
  std::map<std::string, uint64_t> phases;  // how often each was passed; empty: not reported
  // The first file whose bytes came by no operation that was seen; empty: none.
  UnseenChange unseen;
};

// Why a fault cannot be met.
struct Unmet {
  HarnessOutcome outcome = HarnessOutcome::kNotApplicable;
  std::string why;
};

// Where a fault is armed.
struct ArmSite {
  std::string directory;  // the checkpoints: below it, operations count
  std::string log_path;
  int log_fd = -1;  // the same log, open for appending for as long as the job lives
  Trace& trace;
};

class ArmedFault {
 public:
  ArmedFault() = default;
  ArmedFault(const ArmedFault&) = delete;
  virtual ~ArmedFault() = default;
  // Before each Strategy::save.
  virtual void save_requested() {}
  // At the end of training: returns when nothing is to come any more. Throws ExitError(kHarness)
  // where what is due does not come.
  virtual void await_end() {}
};

struct FaultKind {
  std::string name;       // in cells and evidence: "phase"
  std::string suite_key;  // its table in a suite: "phases"; empty: none
  std::string summary;
  std::string column;  // its heading in tables: "kill at a phase"
  FaultClass fault_class = FaultClass::kKill;
  // Met through what the strategy does with its files: which of the others it meets is its own
  // affair, but one that meets none of these keeps its checkpoints elsewhere.
  bool at_file_operations = false;
  bool compares_runs = false;  // made definite with two undisturbed runs, where names may differ
  std::vector<FaultKey> keys = {};     // of its table
  std::vector<ParamInfo> params = {};  // of one fault

  // What is wrong with the table as a whole; empty: nothing. Null: nothing can be.
  std::string (*check_group)(const FaultGroup& group) = nullptr;
  std::vector<NamedFault> (*plan)(const FaultGroup& group, const PlanSite& site) = nullptr;
  std::string (*describe)(const Params& params) = nullptr;  // "kill before phase sync #2"

  // Null: it applies to every strategy. `opaque`: one without phases of ours.
  std::optional<Unmet> (*applies)(const Params& params, bool opaque) = nullptr;
  // Which process of a trial meets it: kTrain, or kRecover for a first recovery, which is killed
  // before the one that counts. Null: kTrain.
  JobRole (*armed_in)(const Params& params) = nullptr;
  // kRecover: what the trained run meets first, so that the recovery has something to tidy up; then
  // the fault is made definite with what an undisturbed recovery shows. Null: it ends in order.
  std::optional<Fault> (*before_recovery)(const Params& params,
                                          const UndisturbedFacts& undisturbed) = nullptr;
  // Makes the fault definite where it is a share of an undisturbed run. Null: it always is.
  std::optional<Unmet> (*resolve)(Fault& fault, const Params& params,
                                  const UndisturbedFacts& undisturbed) = nullptr;
  // After a run that made the operations `missed` and did not meet the definite fault: the one for
  // the next run, at the nearest point that this one had. `undisturbed`: what it was made definite
  // with. Nothing: there is none. Null: there is no other point.
  std::optional<Fault> (*nearest)(const Params& params, const UndisturbedFacts& undisturbed,
                                  const std::vector<FileOperation>& missed) = nullptr;
  // The faults of a sweep, in order. Null: it cannot be swept.
  std::vector<Fault> (*points)(const Params& params, const UndisturbedFacts& undisturbed) = nullptr;

  // Throws ExitError. `site` does not outlive the call. May return null: nothing is left to do.
  std::unique_ptr<ArmedFault> (*arm)(const Params& params, const ArmSite& site) = nullptr;
  // The point that a line of evidence of this kind names: "before phase sync #2". Throws on a
  // damaged line.
  std::string (*point_of)(const nlohmann::json& line) = nullptr;
};

}  // namespace ckptbench
