#include "harness/run/measured_cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"
#include "harness/judge/ending.h"
#include "harness/platform/clock.h"
#include "harness/run/cell_folder.h"
#include "harness/run/job_failure.h"
#include "harness/run/job_finished.h"
#include "harness/run/utc_now.h"
#include "results/record_end.h"

namespace ckptbench {
namespace {

// Cold and warm each; every process does several restores.
constexpr uint64_t kRestoreProcesses = 2;

void merge(Record& into, const Record& from) {
  for (const Samples& samples : from.samples) {
    const auto same = std::find_if(into.samples.begin(), into.samples.end(), [&](const Samples& s) {
      return s.metric == samples.metric && s.rank == samples.rank;
    });
    if (same == into.samples.end()) {
      into.samples.push_back(samples);
    } else {
      same->values.insert(same->values.end(), samples.values.begin(), samples.values.end());
    }
  }
  into.losses.insert(into.losses.end(), from.losses.begin(), from.losses.end());
  into.observed.update(from.observed, true);
}

class MeasuredCell {
 public:
  MeasuredCell(const Cell& cell, std::string folder, JobRunner& runner, JobRunner& watcher)
      : folder_(std::move(folder)), runner_(runner), watcher_(watcher) {
    record_.cell = cell;
    record_.started_utc = utc_now();
  }

  Record run(bool restorable) {
    const int64_t begin = now_ns();
    if (watch() && job(JobRole::kMeasure, "measure", false) && restorable) restores();
    record_.wall_s = static_cast<double>(now_ns() - begin) * 1e-9;
    if (!measured_failure_text(record_).empty()) record_.allowed = false;
    return record_;
  }

 private:
  // Cold and warm alternate, so that a machine that drifts slows both.
  void restores() {
    for (uint64_t i = 1; i <= kRestoreProcesses; ++i) {
      if (!job(JobRole::kRestore, fmt::format("restore-cold-{}", i), true)) return;
      if (!job(JobRole::kRestore, fmt::format("restore-warm-{}", i), false)) return;
    }
    record_.observed["restore_processes"] = 2 * kRestoreProcesses;
    record_.observed["restores"] = calls("restore_cold_ns") + calls("restore_warm_ns");
  }

  uint64_t calls(std::string_view metric) const {
    uint64_t count = 0;
    for (const Samples& samples : record_.samples) {
      if (samples.metric == metric) count += samples.values.size();
    }
    return count;
  }

  // Its checkpoints go again: the process that measures begins in a folder of its own.
  bool watch() {
    const std::string folder = folder_ + "/watch";
    const JobFiles files = job_files(folder_, "watch");
    Job job = make_job(JobRole::kWatch, record_.cell, folder, files);
    job.fault_log_path = files.faults;
    if (!ends_well(job, files, "watch", watcher_)) return false;
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    return true;
  }

  // Writes the job and runs it. False: the record's error says why.
  bool ends_well(const Job& job, const JobFiles& files, const std::string& name,
                 JobRunner& runner) {
    write_job(job, files);
    const ProcessEnd end = runner.run(files, record_.cell.deadline_s);
    if (job_finished(end, files)) return true;
    record_.error = job_failure(name, end, files);
    // As after a recovery: a hang, a crash and an exit are the strategy's, a SIGKILL of another
    // process and the worker's own codes are not.
    record_.allowed = silent_recovery_ending(end) == Ending::kHarness;
    return false;
  }

  // Likewise, and its report is read.
  bool job(JobRole role, const std::string& name, bool cold) {
    const JobFiles files = job_files(folder_, name);
    Job job = make_job(role, record_.cell, folder_, files);
    job.cold = cold;
    if (!ends_well(job, files, name, runner_)) return false;
    const auto report = read_json_file<Record>(files.report);
    if (!report) {
      record_.error = report.error().message;
      return false;
    }
    merge(record_, report.value());
    if (!report.value().error.empty()) record_.error = name + ": " + report.value().error;
    return record_.error.empty();
  }

  std::string folder_;
  JobRunner& runner_;
  JobRunner& watcher_;
  Record record_;
};

}  // namespace

Record run_measured_cell(const Cell& cell, const std::string& path, const NamedInfo& strategy,
                         JobRunner& runner, JobRunner& watcher) {
  CellFolder folder(path);
  write_cell(cell, path);
  Record record = MeasuredCell(cell, path, runner, watcher).run(!strategy.survives.empty());
  if (!record.error.empty()) {
    record.observed["folder"] = path;
    folder.keep();
  }
  return record;
}

}  // namespace ckptbench
