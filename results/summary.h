// From records to what the report shows: costs per strategy × workload, verdicts per strategy ×
// fault class. Metric names and formulas: docs/metrics.md. Pure functions over plain values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/record.h"
#include "results/statistics.h"

namespace ckptbench {

// What the worker says of a strategy; from environment.json.
struct StrategyFacts {
  std::string group;     // native | peer | broken; empty: not known
  std::string survives;  // its claim: "process,power"
  std::string summary;
  std::string source;
};
// By strategy name. Entries without a name are left out.
std::map<std::string, StrategyFacts> strategy_facts(const Environment& environment);

// Verdicts of some trials, counted.
struct VerdictTally {
  size_t trials = 0;                     // all, harness outcomes included
  std::map<std::string, size_t> counts;  // by verdict_name, finding_name, outcome_name
  std::optional<Verdict> worst;          // by data verdict; of equals, the one with findings
  size_t not_allowed = 0;
  void add(const Record& record);
};
// "BIT-EXACT 12", "ROLLED-BACK 4", …: best first, then findings, then harness outcomes.
std::vector<std::string> count_items(const VerdictTally& tally);
// "BIT-EXACT 12 · ROLLED-BACK 4 · VACUOUS 1"
std::string counts_text(const VerdictTally& tally);
// "LOST-ACK", "BIT-EXACT +HANG", "VACUOUS", "–": one word for a cell, without numbers.
std::string worst_text(const VerdictTally& tally);

// How a tally is coloured; the words beside it say the same.
enum class Severity {
  kExact,    // every counted trial came back whole
  kRolled,   // some older, allowed step
  kLoud,     // refused, or a service finding: someone notices
  kSilent,   // an acknowledged step was lost
  kWrong,    // training goes on from a wrong state
  kUnknown,  // no trial counted
};
Severity severity(const VerdictTally& tally);

struct SummaryRow {
  Selection workload;
  Selection strategy;
  std::string device;
  StrategyFacts facts;
  std::map<std::string, Estimate> metrics;  // measured and derived
  VerdictTally verdicts;
  std::vector<std::string> errors;  // of cells that could not be run
  // Unknown (NaN, count 0) where there is none.
  Estimate metric(const std::string& name) const;
};

enum class FaultClass { kNone, kPhase, kMoment, kFileOp };
std::string_view fault_class_name(FaultClass value);  // "no fault", "kill at a phase", …

struct Summary {
  std::vector<SummaryRow> rows;  // in order of first appearance; broken strategies last
  // strategy label -> fault class -> tally, over all workloads.
  std::map<std::string, std::map<FaultClass, VerdictTally>> matrix;
};
Summary summarise(const std::vector<Record>& records, const Environment& environment);

}  // namespace ckptbench
