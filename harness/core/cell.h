// One cell of an experiment: workload × ranks × strategy × policy × fault × seed. The unit that is
// planned, run, judged, recorded and replayed. Plain text (JSON) on disk, so that any cell can be
// replayed by hand: `ckptbench replay CELL`. Plain values; no thread rule.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/params.h"
#include "harness/core/phase.h"

namespace ckptbench {

enum class CellKind {
  kMeasure,  // cost: paired blocks of steps with and without saves, then cold and warm restore
  kTrial,    // correctness: train, meet the fault, recover in a fresh process, judge
  kSweep,    // a trial for every file operation N = 1, 2, … until the fault no longer fires
};

// A workload or a strategy by name ("digits-mlp"; "sync"; "staged+planes+zstd@dir";
// "python:FILE.py:Class"), with its parameters as text.
struct Selection {
  std::string name;
  ParamText params;
};

enum class Contents { kFull, kWeights };

// When, what, and what to keep; apart from the strategy. 0 or empty means off.
struct Policy {
  uint64_t every_steps = 0;
  double every_s = 0;
  uint64_t every_epochs = 0;
  std::string manual_file;     // save when this file appears; removed when the save is requested
  double sigterm_grace_s = 0;  // > 0: on SIGTERM save, wait at most this long, exit 0
  std::string monitor;         // "loss" | "accuracy": save when it improves
  bool monitor_max = false;    // false: smaller is better
  bool best_only = false;      // save only on improvement
  Contents contents = Contents::kFull;
  uint64_t keep_last = 2;
  uint64_t keep_best = 0;
  uint64_t keep_every = 0;  // keep every M-th save for good
};

// A SIGKILL beneath a file operation: (operation, path pattern, occurrence, before|after|partial).
// This is the rule of the preload library (faults/rule.h gives its text form and log format).
struct FileRule {
  std::string operation = "any";  // "open", "write", "fsync", "rename", … or "any"
  std::string path = "*";         // glob below the checkpoint directory, relative to it
  uint64_t occurrence = 1;        // the N-th match, from 1
  std::string when = "before";    // before | after | partial (half of a write)
  std::string action = "kill";    // kill
};

struct Fault {
  enum class Kind { kNone, kPhase, kMoment, kFileOp };
  Kind kind = Kind::kNone;
  // kPhase: the occurrence-th time that the strategy passes this edge of this phase.
  Phase phase = Phase::kCapture;
  Edge edge = Edge::kBefore;
  uint64_t occurrence = 1;
  // kMoment: this share (0..1) of an undisturbed run's time, from its first requested save on.
  // kFileOp with rule.occurrence 0: the same share of the operations that an undisturbed run made;
  // harness/run resolves it to an occurrence before anything is armed.
  double moment = 0;
  FileRule rule;  // kFileOp
};

struct Cell {
  int schema = 1;
  std::string id;  // unique within a suite, stable for the same seed; a safe file name
  std::string suite;
  CellKind kind = CellKind::kMeasure;
  Selection workload;
  Selection strategy;
  Policy policy;
  Fault fault;
  uint64_t ranks = 1;
  uint64_t seed = 1;
  std::string device = "cpu";  // cpu | cuda
  uint64_t threads = 1;        // training threads
  uint64_t steps = 20;      // trial: steps before the run would end by itself; measure: per block
  uint64_t more_steps = 3;  // trial: updates compared after each recovery
  // Measure: at least so many pairs of blocks, in whole ABBA groups of two; then more, until the
  // interval of the stall is narrow enough (half-width in percent of the stall; 0: no more) or the
  // blocks have taken `budget_s`.
  uint64_t pairs = 6;
  double precision_pct = 10;
  double budget_s = 5;
  uint64_t repeat = 1;     // measure: which of the suite's `repeat` processes of this row, from 1
  double deadline_s = 60;  // of one process; beyond it the finding is HANG
};

std::string_view cell_kind_name(CellKind kind);  // "measure", "trial", "sweep"

void to_json(nlohmann::json& out, const Selection& value);
void from_json(const nlohmann::json& in, Selection& value);
void to_json(nlohmann::json& out, const Policy& value);
void from_json(const nlohmann::json& in, Policy& value);
void to_json(nlohmann::json& out, const FileRule& value);
void from_json(const nlohmann::json& in, FileRule& value);
void to_json(nlohmann::json& out, const Fault& value);
void from_json(const nlohmann::json& in, Fault& value);
void to_json(nlohmann::json& out, const Cell& value);
void from_json(const nlohmann::json& in, Cell& value);

// "kill before write #7 of *" and the like: the fault in words, for tables.
std::string describe(const Fault& fault);

// Reads a cell file. Unknown keys and wrong types are errors that name the file and the key.
Result<Cell> read_cell(const std::string& path);

}  // namespace ckptbench
