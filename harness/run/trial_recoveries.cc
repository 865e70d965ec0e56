#include "harness/run/trial_recoveries.h"

#include <fmt/format.h>

#include <utility>

#include "faults/fault_log.h"
#include "harness/run/asked_anew.h"
#include "harness/run/job_finished.h"

namespace ckptbench {

TrialRecoveries::TrialRecoveries(const Cell& cell, const std::string& folder,
                                 const TrialSetup& setup, TrialEvidence& evidence)
    : cell_(cell),
      folder_(folder),
      setup_(setup),
      evidence_(evidence),
      last_runner_(&setup.runner) {}

JobRunner& TrialRecoveries::next_runner() const {
  return last_runner_ == &setup_.runner ? setup_.other_runner : setup_.runner;
}

JobRunner& TrialRecoveries::take_next_runner() {
  JobRunner& runner = next_runner();
  last_runner_ = &runner;
  return runner;
}

Status TrialRecoveries::kill() {
  const FaultEvidence of_training = evidence_.fault;
  const JobFiles files = job_files(folder_, "recover-killed");
  Job job = make_job(JobRole::kRecover, cell_, folder_, files);
  job.attempt = 1;
  job.fault_log_path = files.faults;
  write_job(job, files);
  const ProcessEnd end = take_next_runner().run(files, cell_.deadline_s);
  add_saves_of_killed(files);
  auto fault = read_fault_log(files.faults);
  if (!fault) return fault.error();
  evidence_.fault = std::move(fault).value();
  if (evidence_.fault.fired) return {};
  lived_ = job_finished(end, files);
  ended_early_ = !lived_;
  if (lived_) return {};
  evidence_.fault = of_training;
  evidence_.trained_by_fault = false;
  if (!of_training.fired) evidence_.cell.fault = Fault{};
  evidence_.recovered = end;
  return {};
}

void TrialRecoveries::run() {
  if (ended_early_) {
    ask_anew_after(1, job_files(folder_, "recover-killed"), evidence_.recovered,
                   evidence_.recovery);
  } else {
    evidence_.recovered = recover(1, evidence_.recovery);
  }
  if (evidence_.recovery && evidence_.recovery->resave_durable) {
    evidence_.resumed = recover(2, evidence_.second);
  }
}

// The next recovery must find what the killed one was promised.
void TrialRecoveries::add_saves_of_killed(const JobFiles& files) {
  const auto journal = read_journal(files.journal);
  if (!journal) return;  // killed before its first entry
  for (const JournalEntry& entry : journal.value().entries) {
    const bool trains =
        entry.event == Event::kStart || entry.event == Event::kStep || entry.event == Event::kEnd;
    if (!trains) evidence_.journal.entries.push_back(entry);
  }
}

ProcessEnd TrialRecoveries::recover(uint64_t attempt, std::optional<RecoveryReport>& report) {
  const JobFiles files = job_files(folder_, fmt::format("recover-{}", attempt));
  Job job = make_job(JobRole::kRecover, cell_, folder_, files);
  job.attempt = attempt;
  write_job(job, files);
  const ProcessEnd end = take_next_runner().run(files, cell_.deadline_s);
  if (auto read = read_recovery(files.report)) report = std::move(read).value();
  add_resumed(files);
  ask_anew_after(attempt, files, end, report);
  return end;
}

void TrialRecoveries::ask_anew_after(uint64_t attempt, const JobFiles& files, const ProcessEnd& end,
                                     std::optional<RecoveryReport>& report) {
  if (report || !ended_in_restore(end, files)) return;
  AskedAnew asked =
      ask_anew(cell_, folder_, attempt, end, [&]() -> JobRunner& { return take_next_runner(); });
  report = std::move(asked.report);
  for (const JobFiles& job : asked.jobs) add_resumed(job);
}

void TrialRecoveries::add_resumed(const JobFiles& files) {
  journals_.push_back(files.journal);
  // Where the process gave no word, the judge sees the missing report.
  if (auto journal = read_journal(files.journal)) {
    evidence_.resumed_journals.push_back(std::move(journal).value());
  }
}

}  // namespace ckptbench
