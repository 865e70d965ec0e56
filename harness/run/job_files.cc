#include "harness/run/job_files.h"

#include <fmt/format.h>

#include <filesystem>

#include "harness/core/json_text.h"
#include "harness/platform/clock.h"
#include "harness/platform/files.h"

namespace ckptbench {

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    throw ExitError(ExitCode::kEnvironment, fmt::format("{}: {}", path, error.message()));
  }
}

JobFiles job_files(const std::string& folder, const std::string& name) {
  const std::string stem = folder + "/" + name;
  return {stem + ".job.json",     stem + ".journal.jsonl", stem + ".report.json",
          stem + ".faults.jsonl", stem + ".log",           stem + ".stacks.txt"};
}

Job make_job(JobRole role, const Cell& cell, const std::string& folder, const JobFiles& files) {
  Job job;
  job.role = role;
  job.cell = cell;
  job.run_id = fmt::format("{}-{:x}", job_role_name(role), now_ns());
  job.checkpoint_dir = folder + "/checkpoints";
  job.journal_path = files.journal;
  job.report_path = files.report;
  job.scratch_dir = folder + "/scratch";
  make_folder(job.checkpoint_dir);
  make_folder(job.scratch_dir);
  return job;
}

void write_cell(const Cell& cell, const std::string& folder) {
  const Status status =
      write_file_atomically(folder + "/cell.json", json_text(cell, 1) + "\n", Sync::kNo);
  if (!status) throw ExitError(ExitCode::kEnvironment, status.error().message);
}

void write_job(const Job& job, const JobFiles& files) {
  const Status status = write_file_atomically(files.job, json_text(job, 1) + "\n", Sync::kNo);
  if (!status) throw ExitError(ExitCode::kEnvironment, status.error().message);
}

}  // namespace ckptbench
