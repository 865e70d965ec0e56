// From records to rows: costs and verdicts per strategy × workload, verdicts per strategy × fault
// class. Metrics: results/metrics.h. Pure functions over plain values.
#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "harness/core/record.h"
#include "results/derived.h"
#include "results/known_list.h"
#include "results/unmet_faults.h"
#include "results/verdict_tally.h"

namespace ckptbench {

// What the worker says of a strategy; from environment.json.
struct StrategyFacts {
  std::string group;     // native | peer | broken; empty: not known
  std::string survives;  // its claim: "process,power"
  std::string summary;
  std::string source;
};
// By selection_text, parameters included: its claim may depend on them. Entries without a
// selection are those of their bare name; without a name they are left out.
std::map<std::string, StrategyFacts> strategy_facts(const Environment& environment);

// A measured cell that the strategy failed: it did not bring back what was saved last, refused,
// crashed or hung.
struct CellFailure {
  std::string cell;  // its id
  std::string why;
};

struct ResultRow {
  Selection workload;
  Selection strategy;
  std::string name;  // of the strategy, short: by file and class, whole where two would be equal
  std::string device;
  // What tells its policy, threads and steps from those of the other measured rows of its workload
  // and device (results/row_conditions.h): "threads 2". Empty: nothing does.
  std::string conditions;
  // "digits-mlp, threads 2"
  std::string place() const;
  StrategyFacts facts;
  // What its saves were acknowledged to survive, as the measured cell saw it; what it says of
  // itself where no save was measured. In one order, so that equal claims are equal texts. Empty:
  // nothing.
  std::string claim;
  SampleMap samples;                        // raw, of all ranks and cells of the row
  std::vector<SampleMap> processes;         // the same, of each measured cell
  std::map<std::string, Estimate> metrics;  // measured and derived
  std::vector<nlohmann::json> observed;     // of its measured cells: Record::observed
  // Its plain step (the median of step_ns) by the median over the measured rows of its table; NaN:
  // fewer than three of them have one.
  double step_ratio = std::numeric_limits<double>::quiet_NaN();
  VerdictTally verdicts;
  std::vector<CellFailure> failures;
  std::vector<std::string> errors;  // of cells that could not be run
  // Unknown (NaN, count 0) where it was not sampled. REQUIRES: as metric_of (results/metrics.h).
  Estimate metric(std::string_view key) const;
  // The largest number under this key of its measured cells; NaN: none has one.
  double most_observed(std::string_view key) const;
  // The texts under this key, each once, in order of appearance.
  std::vector<std::string> texts_observed(std::string_view key) const;
  // Why the first save that failed did; empty: none failed, or none gave a reason.
  std::string first_failure() const;
  // Why old checkpoints were not deleted when the policy let them go; empty: they were.
  std::string retention_failure() const;
  // A save, or a request to delete, failed in a measured cell.
  bool failed() const;
  bool all_saves_failed() const;
  // A row whose saves all failed has no stall.
  bool measured() const { return metric("stall_ns").known() || all_saves_failed(); }
  bool broken() const { return facts.group == "broken"; }
};

struct ResultRows {
  std::vector<ResultRow> rows;  // in order of first appearance; broken strategies last
  // strategy label -> kind of fault -> tally, over all workloads.
  std::map<std::string, std::map<std::string, VerdictTally>> matrix;
  std::vector<KnownGroup> known;
  std::vector<UnmetFaults> unmet;
  // All trials of a strategy, over all workloads: what survives does not depend on the workload.
  VerdictTally trials_of(const std::string& strategy_label) const;
  // On some workload no fault of its trials met this strategy, or none at a file operation.
  bool is_unmet(const Selection& strategy) const;
  // "measured on digits-mlp: restore-warm-1: claims step 3", of all its rows; empty: none failed.
  std::string measured_loss_of(const Selection& strategy) const;
};
ResultRows make_result_rows(const std::vector<Record>& records, const Environment& environment);

}  // namespace ckptbench
