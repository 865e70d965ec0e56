// One cell of an experiment: workload × ranks × strategy × policy × fault × seed. The unit that is
// planned, run, judged, recorded and replayed. Plain text (JSON) on disk, so that any cell can be
// replayed by hand: `ckptbench replay CELL`. Plain values; no thread rule.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/params.h"

namespace ckptbench {

// Of the JSON of cells and records. A change after which an older reader would misread them, or
// this one the older ones, has another number; nothing reads two of them.
inline constexpr int kSchema = 2;
// Throws std::runtime_error where `in`, a `what`, has another one.
void check_schema(const nlohmann::json& in, std::string_view what);

enum class CellKind {
  kMeasure,  // cost: paired windows of steps with and without saves, then cold and warm restore
  kTrial,    // correctness: train, meet the fault, recover in a fresh process, judge
  kSweep,    // a trial for every point that an undisturbed run of the strategy shows
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

// What is to go wrong in a trial: a kind, which is a row of faults/fault_kinds.h, and its
// parameters as text. Only that row knows what they mean.
struct Fault {
  std::string kind = "none";
  ParamText params;
  friend bool operator==(const Fault&, const Fault&) = default;
};

struct Cell {
  int schema = kSchema;
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
  uint64_t steps = 20;      // trial: steps before the run would end by itself; measure: per window
  uint64_t more_steps = 4;  // trial: updates compared after each recovery
  // Measure: at least so many pairs of windows, in whole ABBA groups of two; then more, until the
  // interval of the stall is narrow enough (half-width in percent of the stall; 0: no more) or the
  // windows have taken `budget_s`.
  uint64_t pairs = 6;
  double precision_pct = 10;
  double budget_s = 5;
  uint64_t repeat = 1;  // measure: which of the suite's `repeat` processes of this row, from 1
  // Without progress for so long a process is ended, and the finding is HANG
  // (harness/run/progress_watch.h).
  double deadline_s = 60;
};

std::string_view cell_kind_name(CellKind kind);  // "measure", "trial", "sweep"

void to_json(nlohmann::json& out, const Selection& value);
void from_json(const nlohmann::json& in, Selection& value);
void to_json(nlohmann::json& out, const Policy& value);
void from_json(const nlohmann::json& in, Policy& value);
void to_json(nlohmann::json& out, const Fault& value);
void from_json(const nlohmann::json& in, Fault& value);
void to_json(nlohmann::json& out, const Cell& value);
void from_json(const nlohmann::json& in, Cell& value);

// Reads a cell file. Unknown keys and wrong types are errors that name the file and the key.
Result<Cell> read_cell(const std::string& path);

}  // namespace ckptbench
