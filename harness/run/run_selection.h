// What a run was asked to do: the suite and what the command line put in its place. Stored in
// environment.json, so that a folder of results is enough to resume or repeat the run. Plain
// values; no thread rule.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/json_text.h"

namespace ckptbench {

struct RunSelection {
  std::string suite;                    // its name
  std::string suite_text;               // the file as read
  std::vector<std::string> workloads;   // --workload, as given
  std::vector<std::string> strategies;  // --strategy, as given
  std::vector<std::string> kinds;       // --kind, as given; empty: all
  std::optional<uint64_t> seed;         // --seed
  std::string scratch;                  // --scratch
  bool keep = false;                    // --keep
};

// The keys "suite", "suite_text" and "selection" of environment.json.
void add_selection(const RunSelection& selection, nlohmann::json& environment);
// Error: which key is missing or wrong.
Result<RunSelection> selection_of(const nlohmann::json& environment);

}  // namespace ckptbench
