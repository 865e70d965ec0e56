#include "harness/run/asked_anew.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/core/journal.h"
#include "harness/judge/ending.h"
#include "harness/run/job_finished.h"

namespace ckptbench {
namespace {

bool has_restored(const std::string& journal_path) {
  const auto journal = read_journal(journal_path);
  if (!journal) return false;
  return std::ranges::any_of(journal.value().entries, [](const JournalEntry& entry) {
    return entry.event == Event::kRestored;
  });
}

class Asking {
 public:
  Asking(const Cell& cell, const std::string& folder, uint64_t attempt, const ProcessEnd& first)
      : cell_(cell), folder_(folder), attempt_(attempt) {
    result_.report.outcome = RecoveryReport::Outcome::kRefused;
    result_.report.anew = true;
    result_.report.reason = "the process " + describe(first);
  }

  // False: there is nothing more to ask for.
  bool ask(JobRunner& runner) {
    const JobFiles files =
        job_files(folder_, fmt::format("recover-{}-asked-{}", attempt_, result_.jobs.size() + 1));
    Job job = make_job(JobRole::kRecover, cell_, folder_, files);
    job.attempt = attempt_;
    job.by_number = true;
    job.asked = result_.report.asked;
    write_job(job, files);
    result_.jobs.push_back(files);
    const ProcessEnd end = runner.run(files, cell_.deadline_s);
    auto report = read_recovery(files.report);
    if (!report) return note_end("a further process", end);
    add_tried(report.value().tried);
    if (job_finished(end, files)) return finish(std::move(report).value());
    return note_asked(report.value(), end, files);
  }

  AskedAnew take() { return std::move(result_); }

 private:
  void add_tried(const std::vector<std::string>& tried) {
    result_.report.tried.insert(result_.report.tried.end(), tried.begin(), tried.end());
  }

  bool note_end(const std::string& what, const ProcessEnd& end) {
    result_.report.tried.push_back(fmt::format("{}: the process {}", what, describe(end)));
    return false;
  }

  bool finish(RecoveryReport report) {
    report.anew = true;
    report.reason = result_.report.reason;
    report.tried = std::move(result_.report.tried);
    result_.report = std::move(report);
    return false;
  }

  // It ended in the restore of the last that it asked for, or after it.
  bool note_asked(const RecoveryReport& report, const ProcessEnd& end, const JobFiles& files) {
    const bool asked_more = report.asked.size() > result_.report.asked.size();
    if (!asked_more) return note_end("a further process", end);
    result_.report.asked = report.asked;
    const std::string seq = fmt::format("seq {}", report.asked.back());
    const bool goes_on = !has_restored(files.journal);
    note_end(goes_on ? seq : seq + " loads, and in the run that follows", end);
    return goes_on;
  }

  const Cell& cell_;
  const std::string& folder_;
  uint64_t attempt_;
  AskedAnew result_;
};

}  // namespace

bool ended_in_restore(const ProcessEnd& end, const JobFiles& files) {
  if (job_finished(end, files)) return false;
  const Ending ending = silent_recovery_ending(end);
  const bool silent = ending == Ending::kDeadline || ending == Ending::kStrategy;
  return silent && !has_restored(files.journal);
}

AskedAnew ask_anew(const Cell& cell, const std::string& folder, uint64_t attempt,
                   const ProcessEnd& first, const std::function<JobRunner&()>& next_runner) {
  Asking asking(cell, folder, attempt, first);
  while (asking.ask(next_runner())) {
  }
  return asking.take();
}

}  // namespace ckptbench
