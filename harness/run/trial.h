// One trial, or one point of a sweep, from its cell to its record: attempts until one meets the
// fault, and which files are kept. Threads: one trial per JobRunner at a time; Baselines is shared.
#pragma once

#include "harness/core/known_failure.h"
#include "harness/core/record.h"
#include "harness/judge/allowed.h"
#include "harness/run/baseline.h"
#include "harness/run/cell_folder.h"
#include "harness/run/description.h"
#include "harness/run/job_runner.h"

namespace ckptbench {

// Why a trial whose policy never asks for a save is VACUOUS.
inline constexpr const char* kNoSaveRequested =
    "the policy requested no save in an undisturbed run";

struct TrialSetup {
  JobRunner& runner;
  // Started apart from `runner`: the processes of one share neither an interpreter nor what a
  // program draws at its start with those of the other. May be the same where each process starts
  // anew.
  JobRunner& other_runner;
  Baselines& baselines;
  const NamedInfo& strategy;
  const std::vector<KnownFailure>& known_failures;
  bool keep = false;                 // keep the folder of a trial that went well, too
  nlohmann::json storage = nullptr;  // what the folder lies on, for observed["storage"]
  // Of a sweep: which point of an undisturbed run, from 1; observed["sweep"] has it and the number
  // of points. The one after the last is the sweep's end. 0: the fault is run as it is.
  uint64_t point = 0;
};

// `folder` is the trial's own while it runs, and is removed; where the record is not allowed or
// keep is set, its files are kept in `evidence`, possibly the same, which observed["folder"] names.
// Throws Interrupted; ExitError when no worker can be started.
Record run_trial(const Cell& cell, const std::string& folder, const std::string& evidence,
                 const TrialSetup& setup);

}  // namespace ckptbench
