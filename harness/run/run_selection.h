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

// Options of `run` that its results store. A new one has a member here, a line in the list of
// fields, and where --resume and --repeat must find it the same, a row in kMatchedOptions.
struct GivenOptions {
  std::vector<std::string> workloads;   // --workload
  std::vector<std::string> strategies;  // --strategy
  std::vector<std::string> kinds;       // --kind; empty: all
  std::optional<uint64_t> seed;         // --seed
  std::string scratch;                  // --scratch
  bool keep = false;                    // --keep
};

struct RunSelection {
  std::string suite;       // its name
  std::string suite_text;  // the file as read
  GivenOptions given;
};

// An option that a resumed or repeated run may give again, with the value that is stored.
struct MatchedOption {
  const char* flag;
  std::vector<std::string> (*words)(const GivenOptions& given);  // empty: not given
};
extern const std::vector<MatchedOption> kMatchedOptions;

// The keys "suite", "suite_text" and "selection" of environment.json.
void add_selection(const RunSelection& selection, nlohmann::json& environment);
// Error: which key is missing or wrong.
Result<RunSelection> selection_of(const nlohmann::json& environment);

}  // namespace ckptbench
