#include "harness/run/baseline.h"

#include <algorithm>
#include <span>

#include "faults/fault_log.h"
#include "faults/unseen.h"
#include "harness/core/digest.h"
#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"
#include "harness/judge/ending.h"
#include "harness/judge/journal_facts.h"
#include "harness/judge/leaks.h"
#include "harness/run/cell_folder.h"
#include "harness/run/job_failure.h"
#include "harness/run/no_room.h"

namespace ckptbench {
namespace {

std::string short_hash(const std::string& text) {
  return to_hex(digest_of(bytes_of(text))).substr(0, 12);
}

// Everything that decides the course of an undisturbed training run. The policy does: its memory is
// part of the state.
std::string training_key(const Cell& cell) {
  return json_text({cell.workload, cell.policy, cell.seed, cell.threads, cell.device, cell.steps,
                    cell.more_steps});
}

std::string saving_key(const Cell& cell) {
  return training_key(cell) + json_text(cell.strategy);
}

// A run that nothing disturbed did not end in order. No trial of the strategy can be judged then.
Verdict failed_undisturbed_run(const TrialEvidence& evidence, const JobFiles& files) {
  Verdict verdict;
  verdict.outcome = HarnessOutcome::kNotRun;
  const JournalFacts facts = read_facts(evidence.journal);
  switch (trained_ending(evidence, facts)) {
    case Ending::kDeadline:
      verdict.findings = {Finding::kHang};
      break;
    case Ending::kStrategy:
      verdict.findings = {Finding::kTrainerKilled};
      break;
    default:
      verdict.outcome = HarnessOutcome::kHarnessError;
  }
  verdict.explanation =
      job_failure("not run: the strategy's undisturbed run", evidence.trained, files);
  return verdict;
}

// The files of a run that failed stay, and its explanation names them there. Returns where.
std::string keep_for(CellFolder& folder, const std::string& evidence, std::string& explanation) {
  folder.keep_at(evidence);
  replace_all(explanation, folder.path(), evidence);
  explanation += "; its files are in " + evidence;
  return evidence;
}

std::vector<LossPoint> losses_of(const JournalContents& journal, const std::string& run) {
  std::vector<LossPoint> out;
  for (const JournalEntry& entry : journal.entries) {
    if (entry.event == Event::kStep && entry.loss) out.push_back({entry.step, *entry.loss, run});
  }
  return out;
}

double save_to_end_ns(const JournalContents& journal) {
  int64_t begin = 0;
  int64_t end = 0;
  for (const JournalEntry& entry : journal.entries) {
    if (entry.event == Event::kRequested && begin == 0) begin = entry.t_ns;
    end = std::max(end, entry.t_ns);
  }
  return begin == 0 ? 0 : static_cast<double>(end - begin);
}

}  // namespace

template <class T>
std::shared_ptr<const T> Baselines::Once<T>::get(const std::string& key,
                                                 const std::function<T()>& compute) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !running_[key]; });
  if (const auto found = values_.find(key); found != values_.end()) return found->second;
  running_[key] = true;
  lock.unlock();
  std::shared_ptr<const T> value;
  const auto finish = [&] {
    lock.lock();
    running_[key] = false;
    if (value) values_[key] = value;
    changed_.notify_all();
  };
  try {
    value = std::make_shared<const T>(compute());
  } catch (...) {
    finish();  // each waiting thread tries, and fails, by itself
    throw;
  }
  finish();
  return value;
}

std::shared_ptr<const ReferenceRun> Baselines::reference(const Cell& cell, JobRunner& runner) {
  const std::string key = training_key(cell);
  return references_.get(key, [&] {
    const std::string name = "/reference-" + short_hash(key);
    CellFolder folder(folder_ + name);
    ReferenceRun run = run_reference(cell, runner, folder.path());
    if (!run.error.empty()) run.kept = keep_for(folder, evidence_ + name, run.error);
    return run;
  });
}

std::shared_ptr<const UndisturbedRun> Baselines::undisturbed(const Cell& cell,
                                                             const NamedInfo& strategy,
                                                             JobRunner& runner) {
  const std::string key = saving_key(cell);
  return undisturbed_.get(key, [&] {
    return run_undisturbed_as("/undisturbed-" + short_hash(key), cell, strategy, runner);
  });
}

std::shared_ptr<const UndisturbedRun> Baselines::undisturbed_again(const Cell& cell,
                                                                   const NamedInfo& strategy,
                                                                   JobRunner& runner) {
  const std::string key = saving_key(cell);
  return undisturbed_again_.get(key, [&] {
    return run_undisturbed_as("/undisturbed-again-" + short_hash(key), cell, strategy, runner);
  });
}

UndisturbedRun Baselines::run_undisturbed_as(const std::string& name, const Cell& cell,
                                             const NamedInfo& strategy, JobRunner& runner) {
  CellFolder folder(folder_ + name);
  const uint64_t state_bytes = reference(cell, runner)->state_bytes;
  const RoomWatch::Span room(room_);
  UndisturbedRun run = run_undisturbed(cell, strategy, runner, folder.path());
  const Verdict failure = unless_no_room(run.failure.value_or(Verdict{}), folder.path(),
                                         room.least_bytes(), state_bytes);
  if (failure.outcome) run.failure = failure;
  if (failure.outcome == HarnessOutcome::kHarnessError) run.findings = {};
  if (run.failure) run.kept = keep_for(folder, evidence_ + name, run.failure->explanation);
  return run;
}

ReferenceRun Baselines::run_reference(const Cell& cell, JobRunner& runner,
                                      const std::string& folder) {
  Cell longer = cell;
  longer.fault = Fault{};
  // The second resume goes on from the first one's end, and where a recovery is killed after its
  // save, that one's.
  longer.more_steps = 3 * cell.more_steps;
  std::vector<JournalContents> journals;
  for (const char* name : {"reference-1", "reference-2"}) {
    const JobFiles files = job_files(folder, name);
    write_job(make_job(JobRole::kReference, longer, folder, files), files);
    const ProcessEnd end = runner.run(files, cell.deadline_s);
    auto journal = read_journal(files.journal);
    if (!end.exited || end.exit_code != 0) {
      return {{}, {}, job_failure("the reference run", end, files), ""};
    }
    if (!journal) return {{}, {}, journal.error().message, ""};
    journals.push_back(std::move(journal).value());
  }
  auto reference = make_reference(journals[0], journals[1]);
  if (!reference) return {{}, {}, reference.error().message, ""};
  const auto report = read_json_file<nlohmann::json>(job_files(folder, "reference-1").report);
  if (!report) return {{}, {}, report.error().message, ""};
  return {std::move(reference).value(), losses_of(journals[0], "reference"), "", "",
          report.value().value("state_bytes", uint64_t{0})};
}

UndisturbedRun Baselines::run_undisturbed(const Cell& cell, const NamedInfo& strategy,
                                          JobRunner& runner, const std::string& folder) {
  Cell faultless = cell;
  faultless.fault = Fault{};
  const JobFiles files = job_files(folder, "train");
  Job job = make_job(JobRole::kTrain, faultless, folder, files);
  job.fault_log_path = files.faults;
  job.samples_leaks = true;
  write_job(job, files);
  const FolderContent before = content_of(job.checkpoint_dir);
  TrialEvidence evidence;
  evidence.cell = faultless;
  evidence.trained = runner.run(files, cell.deadline_s);
  UndisturbedRun undisturbed;
  auto journal = read_journal(files.journal);
  if (journal) evidence.journal = std::move(journal).value();
  const JournalFacts facts = read_facts(evidence.journal);
  if (!facts.ended || trained_ending(evidence, facts) != Ending::kInOrder) {
    undisturbed.failure = failed_undisturbed_run(evidence, files);
    return undisturbed;
  }
  auto log = read_fault_log(files.faults);
  if (!log) throw ExitError(ExitCode::kHarness, log.error().message);
  UndisturbedFacts& run = undisturbed.run;
  run.saves = facts.requested.size();
  run.first_save_to_end_ns = save_to_end_ns(evidence.journal);
  run.unseen = unseen_change(before, content_of(job.checkpoint_dir), log.value());
  run.operations = std::move(log).value().operations;
  undisturbed.findings.failed_saves = facts.saves.failures();
  undisturbed.findings.failed_retention = facts.saves.failed_retention();
  undisturbed.findings.late_save = facts.saves.late();
  undisturbed.findings.conflict = facts.saves.conflict(parse_survives(strategy.survives));
  undisturbed.findings.background_change = facts.background_change;
  const auto report = read_json_file<Record>(files.report);
  if (!report) throw ExitError(ExitCode::kHarness, report.error().message);
  const nlohmann::json& observed = report.value().observed;
  run.phases = observed.value("phases", run.phases);
  undisturbed.findings.leaks = find_leaks(observed, cell.policy, strategy.retains);
  return undisturbed;
}

}  // namespace ckptbench
