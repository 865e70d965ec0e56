// The files of one job within its cell's folder (docs/protocol.md). Plain values; no thread rule.
#pragma once

#include <string>

#include "harness/core/job.h"

namespace ckptbench {

struct JobFiles {
  std::string job;
  std::string journal;
  std::string report;
  std::string faults;
  std::string log;
  std::string stacks;
};

// With those above it. Throws ExitError(kEnvironment).
void make_folder(const std::string& path);
// `name`: the role, or the role and what tells it from another of the same role ("recover-2").
JobFiles job_files(const std::string& folder, const std::string& name);
// A job of `role` whose paths are those of `files`, with checkpoints/ and scratch/ in `folder`,
// both made where needed. The fault log is left empty: nothing is armed. Throws
// ExitError(kEnvironment) when the folders cannot be made.
Job make_job(JobRole role, const Cell& cell, const std::string& folder, const JobFiles& files);
// FOLDER/cell.json, which `ckptbench replay` takes. Both throw ExitError(kEnvironment).
void write_cell(const Cell& cell, const std::string& folder);
void write_job(const Job& job, const JobFiles& files);

}  // namespace ckptbench
