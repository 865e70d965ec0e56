// One result line: everything known of one finished cell, self-contained. Results are JSON Lines,
// appended per cell and fsynced (results/record_store.h). Non-finite numbers become null with a
// reason.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/error.h"
#include "harness/core/json_text.h"
#include "harness/core/verdict.h"

namespace ckptbench {

// Raw samples of one metric of one rank. Names and units are listed in docs/metrics.md; the unit is
// also the name's last word: "block_ns", "written_bytes".
struct Samples {
  std::string metric;
  uint64_t rank = 0;
  std::vector<double> values;
};

// All values of each metric, by its name.
using SampleMap = std::map<std::string, std::vector<double>>;

struct LossPoint {
  uint64_t step = 0;
  double loss = 0;
  std::string run;  // "reference", "trained", "resumed"
};

struct Record {
  int schema = kSchema;
  Cell cell;
  std::string started_utc;  // ISO 8601
  double wall_s = 0;
  std::optional<Verdict> verdict;  // trials and sweep points
  std::string point;               // sweep points: "write ckpt.tmp #3 before"
  bool allowed = true;             // what is allowed is a table: harness/judge/allowed.h
  std::vector<Samples> samples;    // measured cells
  std::vector<LossPoint> losses;
  nlohmann::json observed = nlohmann::json::object();  // settings as seen, beside those requested
  // Why the cell could not be run, or, where it is not allowed, why its strategy failed it.
  std::string error;
};

void to_json(nlohmann::json& out, const Record& value);
void from_json(const nlohmann::json& in, Record& value);

// What the records of one output directory share: machine, versions, suite, seeds, commit.
// Written once as environment.json.
struct Environment {
  nlohmann::json fields = nlohmann::json::object();
};

}  // namespace ckptbench
