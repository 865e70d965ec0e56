// What a report is made from: the files of one output directory alone.
//   results.jsonl      one Record per line (results/record_store.h)
//   environment.json   Environment::fields. Known keys: "suite" (name), "suite_text" (the file as
//                      read), "seed", "strategies": [{"selection": name with parameters, "name",
//                      "group": native|peer|broken, "survives": "process,power", "summary",
//                      "source"}], "cells": [ids of all planned cells], "fixed_failures":
//                      [{"strategy", "verdict", "file", "trials"}], known failures that no longer
//                      happen; every other key is shown as it is, nested ones with dots.
// Plain values; no thread rule.
#pragma once

#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/record.h"

namespace ckptbench {

struct ReportInput {
  std::vector<Record> records;  // latest per cell (and point)
  Environment environment;
  std::vector<std::string> warnings;  // e.g. an unfinished last line
};
// Errors: no such directory, no results.jsonl, damaged files. A missing environment.json is a
// warning, and so are a run of which cells are missing ("2 of 6 cells") and a metric that
// results/metrics.h does not know.
Result<ReportInput> load_results(const std::string& directory);

// A known failure that the run tried often enough without meeting it.
struct FixedNote {
  std::string name;  // "torch-save: DETECTED-UNRECOVERABLE"
  std::string text;  // "… no longer happens (60 trials): remove it from FILE"
};
std::vector<FixedNote> fixed_notes(const Environment& environment);

// Whether a broken strategy of the run was found out, by the harness's proof of itself.
struct ProofNote {
  std::string strategy;
  std::string text;  // "expected LOST-ACK, got ROLLED-BACK(2)"
  bool caught = false;
};
std::vector<ProofNote> proof_notes(const Environment& environment);

// Ids of the cells that the run planned; none where it did not say.
std::vector<std::string> planned_cells(const Environment& environment);

// Planned cells without a finished record. One whose record holds an error has been run: it failed.
std::vector<std::string> missing_cells(const ReportInput& input);

}  // namespace ckptbench
