#include "harness/run/trial.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>

#include "harness/core/json_text.h"
#include "harness/platform/clock.h"
#include "harness/platform/files.h"
#include "harness/run/job_failure.h"

namespace ckptbench {
namespace {

bool kills_a_restore(const Fault& fault) {
  return fault.kind == Fault::Kind::kPhase && fault.phase == Phase::kRestore;
}

Verdict harness_outcome(HarnessOutcome what, std::string why) {
  Verdict verdict;
  verdict.outcome = what;
  verdict.explanation = std::move(why);
  return verdict;
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

 private:
  Verdict verdict(Record& record) {
    if (setup_.strategy.opaque && cell_.fault.kind == Fault::Kind::kPhase) {
      evidence_.phase_applicable = false;
      evidence_.cell = cell_;
      return judge({}, evidence_);
    }
    const auto reference = setup_.baselines.reference(cell_, setup_.runner);
    if (!reference->error.empty()) {
      return harness_outcome(HarnessOutcome::kOracleInvalid, reference->error);
    }
    const auto calibration = setup_.baselines.calibration(cell_, setup_.runner);
    if (const auto inapplicable = resolve(*calibration)) return *inapplicable;
    evidence_.cell = cell_;
    evidence_.leaks = calibration->leaks;
    evidence_.claim = parse_survives(setup_.strategy.survives);
    if (const Status status = gather(); !status) {
      return harness_outcome(HarnessOutcome::kHarnessError, status.error().message);
    }
    record.point = evidence_.fault.point;
    add_losses(record, *reference);
    return with_last_words(judge(*reference->reference, evidence_));
  }

  // What a process that spoke for the harness said: the judge sees its exit code only.
  Verdict with_last_words(Verdict verdict) const {
    if (verdict.outcome != HarnessOutcome::kHarnessError) return verdict;
    const std::pair<const char*, const ProcessEnd*> ends[] = {{"train", &evidence_.trained},
                                                              {"recover-1", &evidence_.recovered},
                                                              {"recover-2", &evidence_.resumed}};
    for (const auto& [name, end] : ends) {
      if (!end->exited || end->exit_code == 0) continue;
      const std::string words = last_words(job_files(folder_, name));
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
    record.allowed = is_allowed(verdict, fault, claim);
    if (record.allowed) return;
    if (is_broken(setup_.strategy)) record.allowed = is_vouched_for(verdict);
    for (const KnownFailure* known :
         known_failures_of(verdict, fault, claim, cell_.strategy.name, setup_.known_failures)) {
      record.allowed = true;
      record.observed["known_failures"].push_back(
          {{"verdict", known->verdict}, {"reason", known->reason}, {"source", known->source}});
    }
  }

  // Turns shares of an undisturbed run into occurrences and times. A point that such a run does not
  // have is not applicable. Where it failed, only the trial without a fault is run: all others
  // would wait for the same failure.
  std::optional<Verdict> resolve(const Calibration& calibration) {
    Fault& fault = cell_.fault;
    if (calibration.failure) {
      if (fault.kind == Fault::Kind::kNone) return std::nullopt;
      return calibration.failure;
    }
    if (calibration.saves == 0) {
      return harness_outcome(HarnessOutcome::kVacuous,
                             "the policy requested no save in an undisturbed run");
    }
    if (fault.kind == Fault::Kind::kPhase && !kills_a_restore(fault) &&
        never_passes(calibration, fault.phase)) {
      return harness_outcome(
          HarnessOutcome::kNotApplicable,
          fmt::format("an undisturbed run never passes the phase {}", phase_name(fault.phase)));
    }
    if (fault.kind == Fault::Kind::kFileOp && fault.rule.occurrence == 0) {
      fault.rule.occurrence = resolve_occurrence(fault, calibration.operations);
      if (fault.rule.occurrence == 0) {
        return harness_outcome(HarnessOutcome::kNotApplicable,
                               fmt::format("an undisturbed run makes no {} below its directory",
                                           fault.rule.operation));
      }
    }
    moment_ns_ = fault.moment * calibration.first_save_to_end_ns;
    return std::nullopt;
  }

  static bool never_passes(const Calibration& calibration, Phase phase) {
    const auto count = calibration.phases.find(std::string(phase_name(phase)));
    return count != calibration.phases.end() && count->second == 0;
  }

  Status gather() {
    evidence_.ends_sweep = cell_.kind == CellKind::kSweep;
    if (Status status = train(); !status) return status;
    if (kills_a_restore(cell_.fault)) {
      if (Status status = kill_recovery(); !status) return status;
      // A recovery that lived has saved again: what comes after it is no recovery of the trained
      // run.
      if (!evidence_.fault.fired) return {};
    }
    evidence_.recovered = recover(1, evidence_.recovery);
    if (evidence_.recovery && evidence_.recovery->resave_durable) {
      evidence_.resumed = recover(2, evidence_.second);
    }
    return {};
  }

  Status train() {
    const JobFiles files = job_files(folder_, "train");
    Job job = make_job(JobRole::kTrain, cell_, folder_, files);
    job.moment_ns = moment_ns_;
    if (!kills_a_restore(cell_.fault)) job.fault_log_path = files.faults;
    write_job(job, files);
    evidence_.trained = setup_.runner.run(files, cell_.deadline_s);
    auto journal = read_journal(files.journal);
    if (!journal) {
      return Error{fmt::format("{}; {}", journal.error().message, last_words(files))};
    }
    evidence_.journal = std::move(journal).value();
    return read_evidence(files);
  }

  Status read_evidence(const JobFiles& files) {
    auto fault = read_fault_log(files.faults);
    if (!fault) return fault.error();
    evidence_.fault = std::move(fault).value();
    return {};
  }

  // A first recovery that the fault ends; the one that counts comes after it.
  Status kill_recovery() {
    const JobFiles files = job_files(folder_, "recover-killed");
    Job job = make_job(JobRole::kRecover, cell_, folder_, files);
    job.attempt = 1;
    job.fault_log_path = files.faults;
    write_job(job, files);
    setup_.runner.run(files, cell_.deadline_s);
    return read_evidence(files);
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
  double moment_ns_ = 0;
  std::vector<LossPoint> resumed_;
};

bool is_worth_keeping(const Record& record, const TrialSetup& setup) {
  const auto& outcome = record.verdict->outcome;
  const bool unexplained = outcome && *outcome != HarnessOutcome::kNotApplicable &&
                           *outcome != HarnessOutcome::kSweepEnd;
  return setup.keep || !record.allowed || unexplained;
}

}  // namespace

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

Record run_trial(const Cell& cell, const std::string& path, const std::string& evidence,
                 const TrialSetup& setup) {
  CellFolder folder(path);
  write_cell(cell, path);
  Record record = Trial(cell, path, setup).run();
  if (!setup.storage.is_null()) record.observed["storage"] = setup.storage;
  if (!is_worth_keeping(record, setup)) return record;
  folder.keep_at(evidence);
  record.observed["folder"] = evidence;
  replace_all(record.verdict->explanation, path, evidence);
  return record;
}

}  // namespace ckptbench
