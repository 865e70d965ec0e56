#include "harness/run/trial.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>

#include "harness/core/json_text.h"
#include "harness/platform/clock.h"
#include "harness/platform/files.h"

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
    record.allowed = is_allowed(*record.verdict, claim_of(setup_.strategy));
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
    if (const Status status = gather(); !status) {
      return harness_outcome(HarnessOutcome::kHarnessError, status.error().message);
    }
    record.point = evidence_.fault.point;
    add_losses(record, *reference);
    return judge(*reference->reference, evidence_);
  }

  // Turns shares of an undisturbed run into occurrences and times. A point that such a run does not
  // have is not applicable. Where it did not end in order, the run itself is the finding: nothing
  // is armed.
  std::optional<Verdict> resolve(const Calibration& calibration) {
    Fault& fault = cell_.fault;
    if (!calibration.in_order) {
      if (cell_.kind != CellKind::kSweep) fault = Fault{};
      return std::nullopt;
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
    if (fault.kind == Fault::Kind::kMoment && calibration.first_save_to_end_ns <= 0) {
      return harness_outcome(HarnessOutcome::kNotApplicable, "an undisturbed run requests no save");
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
      return Error{fmt::format("{}; {}", journal.error().message, log_tail(files.log))};
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
  const nlohmann::json json = cell;
  const Status written =
      write_file_atomically(path + "/cell.json", json_text(json, 1) + "\n", Sync::kNo);
  if (!written) throw ExitError(ExitCode::kEnvironment, written.error().message);
  Record record = Trial(cell, path, setup).run();
  if (!setup.storage.is_null()) record.observed["storage"] = setup.storage;
  if (!is_worth_keeping(record, setup)) return record;
  folder.keep_at(evidence);
  record.observed["folder"] = evidence;
  replace_all(record.verdict->explanation, path, evidence);
  return record;
}

}  // namespace ckptbench
