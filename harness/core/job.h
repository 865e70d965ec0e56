// What the parent asks one worker process to do: a cell, a role and the paths it may touch. Written
// by harness/run as job.json, read by ckpt-worker, whether started anew or forked from a warm one.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/error.h"

namespace ckptbench {

enum class JobRole {
  kReference,  // train steps + more_steps without any save, digests journaled after every step
  kTrain,      // train `steps` steps under the policy; the fault is armed; digests journaled
  kRecover,    // fresh process: restore, digest, more_steps further updates, then save and wait
  kMeasure,    // paired windows, probes; samples into the report
  kRestore,    // fresh process: time restores, and the first verified step (measured cells)
  kWatch,      // with the preload library: what some saves of a measured cell do with their files
  kRetained,   // fresh process: list, and restore each of `asked` by its number
};

// A job that goes on making progress is ended by the parent after so many of its cell's deadlines.
// That is a limit of the harness, and no HANG.
inline constexpr double kMostDeadlines = 20;

struct Job {
  JobRole role = JobRole::kTrain;
  Cell cell;
  std::string run_id;          // of this training run; a resumed run has a new one
  std::string checkpoint_dir;  // the only folder a fault may touch
  std::string journal_path;    // append-only JSON Lines, outside checkpoint_dir
  std::string report_path;     // one JSON document, written to a temporary and renamed
  // Evidence of the injectors, written before they act. Empty: this process arms nothing and counts
  // nothing, whatever the cell's fault is. A fault of kind "none" only counts the file operations.
  std::string fault_log_path;
  std::string scratch_dir;  // for probes; same file system as checkpoint_dir
  bool cold = false;        // kRestore: evict the checkpoint's pages first, and check
  uint64_t attempt = 0;     // 0: train; 1: first recovery; 2: second resume
  // kTrain: after each decided save wait for its deletions and sample memory, descriptors and disk.
  // Deletions then never overlap a save, so no judged run does it.
  bool samples_leaks = false;
  // kRecover: the newest is not restored by itself; what is listed is asked for by number.
  bool by_number = false;
  // kRetained: seqs to restore. kRecover by number: seqs that are left out.
  std::vector<uint64_t> asked;
};

std::string_view job_role_name(JobRole role);
void to_json(nlohmann::json& out, const Job& value);
void from_json(const nlohmann::json& in, Job& value);
Result<Job> read_job(const std::string& path);

}  // namespace ckptbench
