#include "harness/run/rehearsal.h"

#include <fmt/format.h>

#include <filesystem>

#include "faults/fault_log.h"
#include "faults/unseen.h"
#include "harness/core/recovery.h"
#include "harness/platform/folder_copy.h"
#include "harness/run/job_files.h"
#include "harness/run/job_finished.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

Status move_folder(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  return error ? Status(Error{fmt::format("{}: {}", from, error.message())}) : Status();
}

Job rehearsal_job(const Cell& cell, const std::string& folder, const JobFiles& files) {
  Cell undisturbed = cell;
  undisturbed.fault = Fault{};
  Job job = make_job(JobRole::kRecover, undisturbed, folder + "/rehearsal", files);
  job.fault_log_path = files.faults;
  job.checkpoint_dir = folder + "/checkpoints";
  return job;
}

// Nothing: the recovery failed.
std::optional<UndisturbedFacts> watch(const Job& job, const JobFiles& files, JobRunner& runner) {
  const FolderContent before = content_of(job.checkpoint_dir);
  const ProcessEnd end = runner.run(files, job.cell.deadline_s);
  auto log = read_fault_log(files.faults);
  const auto report = read_recovery(files.report);
  const bool refused = !report || report.value().outcome == RecoveryReport::Outcome::kRefused;
  if (!job_finished(end, files) || !log || refused) return std::nullopt;
  UndisturbedFacts facts;
  facts.unseen = unseen_change(before, content_of(job.checkpoint_dir), log.value());
  facts.operations = std::move(log).value().operations;
  return facts;
}

}  // namespace

// The copy lies at the original's path, because a strategy may have written paths into its files.
Result<std::optional<UndisturbedFacts>> rehearse(const Cell& cell, const std::string& folder,
                                                 JobRunner& runner) {
  const JobFiles files = job_files(folder + "/rehearsal", "recover");
  const Job job = rehearsal_job(cell, folder, files);
  const std::string original = folder + "/checkpoints-original";
  if (Status moved = move_folder(job.checkpoint_dir, original); !moved) return moved.error();
  const Status copied = copy_folder(original, job.checkpoint_dir);
  if (!copied) return Error{copied.error().message};
  write_job(job, files);
  std::optional<UndisturbedFacts> facts = watch(job, files, runner);
  fs::remove_all(job.checkpoint_dir);
  if (Status moved = move_folder(original, job.checkpoint_dir); !moved) return moved.error();
  if (facts) fs::remove_all(folder + "/rehearsal");
  return facts;
}

}  // namespace ckptbench
