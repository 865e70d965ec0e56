#include "harness/run/trial_attempt.h"

#include <fmt/format.h>

#include <filesystem>

#include "faults/fault_kinds.h"
#include "faults/fault_log.h"
#include "faults/unseen.h"
#include "harness/core/json_text.h"
#include "harness/judge/retention_verdict.h"
#include "harness/platform/clock.h"
#include "harness/platform/files.h"
#include "harness/platform/folder_copy.h"
#include "harness/run/job_failure.h"
#include "harness/run/retention_check.h"
#include "harness/run/utc_now.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

Verdict harness_outcome(HarnessOutcome what, std::string why) {
  Verdict verdict;
  verdict.outcome = what;
  verdict.explanation = std::move(why);
  return verdict;
}

constexpr char kNotRehearsed[] =
    "an undisturbed recovery of the same files failed, and this one did not: its fault had no "
    "place";

Status move_folder(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  return error ? Status(Error{fmt::format("{}: {}", from, error.message())}) : Status();
}

class Trial {
 public:
  Trial(const Cell& cell, const std::string& folder, const TrialSetup& setup)
      : cell_(cell), folder_(folder), setup_(setup) {}

  Record run() {
    Record record;
    record.started_utc = utc_now();
    const int64_t begin = now_ns();
    record.verdict = verdict(record);
    record.cell = cell_;
    record.wall_s = static_cast<double>(now_ns() - begin) * 1e-9;
    set_allowed(record);
    return record;
  }

  // After run().
  bool never_fired() const { return never_fired_; }

 private:
  Verdict verdict(Record& record) {
    if (const auto unmet = fault_kinds().applies(cell_.fault, setup_.strategy.opaque)) {
      return harness_outcome(unmet->outcome, unmet->why);
    }
    const auto reference = setup_.baselines.reference(cell_, setup_.runner);
    if (!reference->error.empty()) {
      return harness_outcome(HarnessOutcome::kOracleInvalid, reference->error);
    }
    const auto calibration = setup_.baselines.calibration(cell_, setup_.strategy, setup_.runner);
    if (const auto unmet = resolve(*calibration, record)) return *unmet;
    evidence_.cell = cell_;
    evidence_.undisturbed = calibration->findings;
    evidence_.claim = parse_survives(setup_.strategy.survives);
    if (const Status status = gather(); !status) {
      return harness_outcome(HarnessOutcome::kHarnessError, status.error().message);
    }
    if (evidence_.fault.fired) record.point = evidence_.fault.point;
    if (unmet_) return *unmet_;
    record.observed["retention"] = setup_.strategy.retains
                                       ? retention_text(evidence_)
                                       : "not judged: the strategy takes no retain requests";
    add_losses(record, *reference);
    const Verdict judged = with_job_error(judge(*reference->reference, evidence_));
    never_fired_ = judged.outcome == HarnessOutcome::kVacuous && !evidence_.fault.fired &&
                   evidence_.unseen.empty();
    return judged;
  }

  // What a process that spoke for the harness said: the judge sees its exit code only.
  Verdict with_job_error(Verdict verdict) const {
    if (verdict.outcome != HarnessOutcome::kHarnessError) return verdict;
    const std::pair<const char*, const ProcessEnd*> ends[] = {{"train", &evidence_.trained},
                                                              {"recover-1", &evidence_.recovered},
                                                              {"recover-2", &evidence_.resumed}};
    for (const auto& [name, end] : ends) {
      if (!end->exited || end->exit_code == 0) continue;
      const std::string words = job_error(job_files(folder_, name));
      if (!words.empty()) verdict.explanation += ": " + words;
    }
    return verdict;
  }

  // What is not allowed may still be known; strategies that are wrong on purpose are judged by the
  // proof.
  void set_allowed(Record& record) const {
    const Verdict& verdict = *record.verdict;
    const FaultClass fault = fault_class_of(cell_.fault);
    const Survives claim = parse_survives(setup_.strategy.survives);
    const Declines declines = declines_of(cell_.strategy);
    record.allowed = is_allowed(verdict, fault, claim, declines);
    if (record.allowed) return;
    if (is_broken(setup_.strategy)) record.allowed = is_sound(verdict);
    for (const KnownFailure* known : known_failures_of(verdict, fault, claim, cell_.strategy.name,
                                                       setup_.known_failures, declines)) {
      record.allowed = true;
      record.observed["known_failures"].push_back(
          {{"verdict", known->verdict}, {"reason", known->reason}, {"source", known->source}});
    }
  }

  // Makes the fault definite. What an undisturbed run does not have cannot be met. Where that run
  // failed, only the trial without a fault is run: all others would wait for the same failure.
  std::optional<Verdict> resolve(const Calibration& calibration, Record& record) {
    Fault& fault = cell_.fault;
    if (calibration.failure) {
      if (fault_class_of(fault) == FaultClass::kNone) return std::nullopt;
      return calibration.failure;
    }
    if (calibration.run.saves == 0) {
      return harness_outcome(HarnessOutcome::kVacuous, kNoSaveRequested);
    }
    CleanRun clean = calibration.run;
    if (compares_runs()) {
      const auto again = setup_.baselines.calibration_again(cell_, setup_.strategy, setup_.runner);
      if (again->failure) return again->failure;
      clean.again = again->run.operations;
    }
    if (setup_.point > 0) {
      if (auto end = take_point(clean, record)) return end;
    }
    first_ = fault_kinds().before_recovery(fault, clean);
    if (first_) return std::nullopt;  // made definite with an undisturbed recovery
    return make_definite(clean);
  }

  // Our own strategies repeat their names.
  bool compares_runs() const {
    const FaultKind* kind = fault_kinds().find(cell_.fault.kind);
    return setup_.strategy.opaque && kind != nullptr && kind->compares_runs;
  }

  std::optional<Verdict> make_definite(const CleanRun& clean) {
    const auto unmet = fault_kinds().resolve(cell_.fault, clean);
    if (!unmet) return std::nullopt;
    return harness_outcome(unmet->outcome, unmet->why);
  }

  std::optional<Verdict> take_point(const CleanRun& clean, Record& record) {
    const std::vector<Fault> points = fault_kinds().points(cell_.fault, clean);
    record.observed["sweep"] = {{"point", setup_.point}, {"points", points.size()}};
    if (setup_.point <= points.size()) {
      cell_.fault = points[setup_.point - 1];
      record.point = describe(cell_.fault);  // what tells the points apart, met or not
      return std::nullopt;
    }
    if (!points.empty()) {
      return harness_outcome(HarnessOutcome::kSweepEnd,
                             fmt::format("each of {} points was tried", points.size()));
    }
    return harness_outcome(
        HarnessOutcome::kVacuous,
        clean.unseen.empty() ? "an undisturbed run has no point of this sweep" : clean.unseen);
  }

  Status gather() {
    if (Status status = train(); !status) return status;
    if (armed_in_recovery()) {
      if (Status status = meet_in_recovery(); !status) return status;
      // A recovery that lived has saved again: what comes after it is no recovery of the trained
      // run.
      if (unmet_ || lived_) return {};
    }
    if (!ended_early_) evidence_.recovered = recover(1, evidence_.recovery);
    // One that went well after all met no fault, whatever the trained run has met.
    const bool recovers =
        evidence_.recovery && evidence_.recovery->outcome != RecoveryReport::Outcome::kRefused;
    if (rehearsal_failed_ && recovers) evidence_.unseen = kNotRehearsed;
    if (evidence_.recovery && evidence_.recovery->resave_durable) {
      evidence_.resumed = recover(2, evidence_.second);
    }
    if (evidence_.second && evidence_.second->resave_durable) check_retention();
    return {};
  }

  Status meet_in_recovery() {
    if (first_) {
      evidence_.trained_by_fault = evidence_.fault.fired;
      auto rehearsed = rehearse();
      if (!rehearsed) return rehearsed.error();
      std::optional<CleanRun> clean = std::move(rehearsed).value();
      // It fails without any fault: the recovery that counts will tell.
      if (!clean) {
        rehearsal_failed_ = true;
        return {};
      }
      if (compares_runs()) {
        const auto again = rehearse();
        if (!again) return again.error();
        rehearsal_failed_ = !again.value();
        if (rehearsal_failed_) return {};
        clean->again = again.value()->operations;
      }
      unmet_ = make_definite(*clean);
      if (unmet_) return {};
    }
    return kill_recovery();
  }

  // An undisturbed recovery of what the trained run left. Nothing: it failed. It works on a copy at
  // the original's path, because a strategy may have written paths into its files.
  Result<std::optional<CleanRun>> rehearse() {
    const std::string folder = folder_ + "/rehearsal";
    const JobFiles files = job_files(folder, "recover");
    Cell undisturbed = cell_;
    undisturbed.fault = Fault{};
    Job job = make_job(JobRole::kRecover, undisturbed, folder, files);
    job.fault_log_path = files.faults;
    job.checkpoint_dir = folder_ + "/checkpoints";
    const std::string original = folder_ + "/checkpoints-original";
    if (Status moved = move_folder(job.checkpoint_dir, original); !moved) return moved.error();
    const Status copied = copy_folder(original, job.checkpoint_dir);
    if (!copied) return Error{copied.error().message};
    write_job(job, files);
    const FolderContent before = content_of(job.checkpoint_dir);
    const ProcessEnd end = setup_.runner.run(files, cell_.deadline_s);
    CleanRun clean;
    const auto log = read_fault_log(files.faults);
    if (log) clean.unseen = unseen_change(before, content_of(job.checkpoint_dir), log.value());
    fs::remove_all(job.checkpoint_dir);
    if (Status moved = move_folder(original, job.checkpoint_dir); !moved) return moved.error();
    const auto report = read_recovery(files.report);
    const bool refused = !report || report.value().outcome == RecoveryReport::Outcome::kRefused;
    if (!end.exited || end.exit_code != 0 || !log || refused) return std::optional<CleanRun>();
    clean.operations = log.value().operations;
    fs::remove_all(folder);
    return std::optional(std::move(clean));
  }

  bool armed_in_recovery() const {
    return fault_kinds().armed_in(cell_.fault) == JobRole::kRecover;
  }

  Status train() {
    const JobFiles files = job_files(folder_, "train");
    Cell trained = cell_;
    if (armed_in_recovery()) trained.fault = first_.value_or(Fault{});
    Job job = make_job(JobRole::kTrain, trained, folder_, files);
    if (!armed_in_recovery() || first_) job.fault_log_path = files.faults;
    write_job(job, files);
    const FolderContent before = content_of(job.checkpoint_dir);
    evidence_.trained = setup_.runner.run(files, cell_.deadline_s);
    auto journal = read_journal(files.journal);
    if (!journal) {
      return Error{fmt::format("{}; {}", journal.error().message, job_error(files))};
    }
    evidence_.journal = std::move(journal).value();
    if (Status status = read_evidence(files); !status) return status;
    if (!evidence_.fault.operations.empty()) {
      evidence_.unseen = unseen_change(before, content_of(job.checkpoint_dir), evidence_.fault);
    }
    return {};
  }

  Status read_evidence(const JobFiles& files) {
    auto fault = read_fault_log(files.faults);
    if (!fault) return fault.error();
    evidence_.fault = std::move(fault).value();
    return {};
  }

  // A first recovery that the fault ends; the one that counts comes after it. One that dies or
  // hangs before it meets the fault is the one that counts.
  Status kill_recovery() {
    const FaultEvidence of_training = evidence_.fault;
    const JobFiles files = job_files(folder_, "recover-killed");
    Job job = make_job(JobRole::kRecover, cell_, folder_, files);
    job.attempt = 1;
    job.fault_log_path = files.faults;
    write_job(job, files);
    const ProcessEnd end = setup_.runner.run(files, cell_.deadline_s);
    add_saves_of(files);
    if (Status status = read_evidence(files); !status || evidence_.fault.fired) return status;
    lived_ = end.exited && end.exit_code == 0;
    ended_early_ = !lived_;
    if (lived_) return {};
    evidence_.fault = of_training;
    evidence_.trained_by_fault = false;
    if (!of_training.fired) evidence_.cell.fault = Fault{};
    evidence_.recovered = end;
    return {};
  }

  // The next recovery must find what the killed one was promised.
  void add_saves_of(const JobFiles& files) {
    const auto journal = read_journal(files.journal);
    if (!journal) return;  // killed before its first entry
    for (const JournalEntry& entry : journal.value().entries) {
      const bool trains =
          entry.event == Event::kStart || entry.event == Event::kStep || entry.event == Event::kEnd;
      if (!trains) evidence_.journal.entries.push_back(entry);
    }
  }

  void check_retention() {
    if (!setup_.strategy.retains) return;
    std::vector<std::string> journals;
    for (const char* name : {"train", "recover-killed", "recover-1", "recover-2"}) {
      journals.push_back(job_files(folder_, name).journal);
    }
    evidence_.retention = ckptbench::check_retention(cell_, folder_, journals, setup_.runner);
  }

  ProcessEnd recover(uint64_t attempt, std::optional<RecoveryReport>& report) {
    const JobFiles files = job_files(folder_, fmt::format("recover-{}", attempt));
    Job job = make_job(JobRole::kRecover, cell_, folder_, files);
    job.attempt = attempt;
    write_job(job, files);
    const ProcessEnd end = setup_.runner.run(files, cell_.deadline_s);
    if (auto read = read_recovery(files.report)) report = std::move(read).value();
    add_resumed(files);
    return end;
  }

  void add_resumed(const JobFiles& files) {
    const auto journal = read_journal(files.journal);
    if (!journal) return;  // the process gave no word: the judge sees the missing report
    for (const JournalEntry& entry : journal.value().entries) {
      if (entry.event == Event::kStep && entry.loss) {
        resumed_.push_back({entry.step, *entry.loss, "resumed"});
      }
    }
  }

  void add_losses(Record& record, const ReferenceRun& reference) {
    record.losses = reference.losses;
    for (const JournalEntry& entry : evidence_.journal.entries) {
      if (entry.event == Event::kStep && entry.loss) {
        record.losses.push_back({entry.step, *entry.loss, "trained"});
      }
    }
    record.losses.insert(record.losses.end(), resumed_.begin(), resumed_.end());
  }

  Cell cell_;
  std::string folder_;
  const TrialSetup& setup_;
  TrialEvidence evidence_;
  std::optional<Fault> first_;    // what the trained run meets where the fault is for the recovery
  std::optional<Verdict> unmet_;  // found out on the way
  bool rehearsal_failed_ = false;
  bool lived_ = false;        // the recovery that was to meet the fault ended in order
  bool ended_early_ = false;  // it died or hung before the fault
  bool never_fired_ = false;
  std::vector<LossPoint> resumed_;
};

}  // namespace

TrialAttempt attempt_trial(const Cell& cell, const std::string& folder, const TrialSetup& setup) {
  Trial trial(cell, folder, setup);
  TrialAttempt attempt;
  attempt.record = trial.run();
  attempt.never_fired = trial.never_fired();
  return attempt;
}

}  // namespace ckptbench
