#include "harness/run/trial_attempt.h"

#include <fmt/format.h>

#include "faults/fault_kinds.h"
#include "faults/fault_log.h"
#include "faults/unseen.h"
#include "harness/core/json_text.h"
#include "harness/judge/retention_verdict.h"
#include "harness/platform/clock.h"
#include "harness/platform/files.h"
#include "harness/run/job_failure.h"
#include "harness/run/no_room.h"
#include "harness/run/rehearsal.h"
#include "harness/run/retention_check.h"
#include "harness/run/trial_recoveries.h"
#include "harness/run/utc_now.h"

namespace ckptbench {
namespace {

constexpr char kNotRehearsed[] =
    "an undisturbed recovery of the same files failed, so the fault had no point to fire at; the "
    "recovery that counts went well without it";

class Attempt {
 public:
  Attempt(const Cell& cell, const std::string& folder, const TrialSetup& setup,
          const std::optional<Fault>& in_place)
      : cell_(cell), folder_(folder), setup_(setup), in_place_(in_place) {}

  Record run() {
    Record record;
    record.started_utc = utc_now();
    const int64_t begin = now_ns();
    const RoomWatch::Span room(setup_.baselines.room());
    record.verdict = verdict(record);
    *record.verdict = unless_no_room(*record.verdict, folder_, room.least_bytes(), state_bytes_);
    record.cell = cell_;
    if (planned_) record.cell.fault = *planned_;
    record.wall_s = static_cast<double>(now_ns() - begin) * 1e-9;
    set_allowed(record);
    return record;
  }

  // After run().
  bool never_fired() const { return never_fired_; }
  std::optional<Fault> nearest() const {
    if (!never_fired_ || !planned_) return std::nullopt;
    return fault_kinds().nearest(*planned_, facts_, evidence_.fault.operations);
  }

 private:
  Verdict verdict(Record& record) {
    if (const auto unmet = fault_kinds().applies(cell_.fault, setup_.strategy.opaque)) {
      return harness_outcome(unmet->outcome, unmet->why);
    }
    const auto reference = setup_.baselines.reference(cell_, setup_.runner);
    state_bytes_ = reference->state_bytes;
    if (!reference->error.empty()) {
      record.observed["baseline_folder"] = reference->kept;
      return harness_outcome(HarnessOutcome::kOracleInvalid, reference->error);
    }
    const auto undisturbed = setup_.baselines.undisturbed(cell_, setup_.strategy, setup_.runner);
    if (const auto unmet = resolve(*undisturbed, record)) return *unmet;
    evidence_.cell = cell_;
    evidence_.undisturbed = undisturbed->findings;
    evidence_.claim = parse_survives(setup_.strategy.survives);
    if (const Status status = gather(); !status) {
      return harness_outcome(HarnessOutcome::kHarnessError, status.error().message);
    }
    if (evidence_.fault.fired) note_point(record);
    if (unmet_) return *unmet_;
    record.observed["retention"] = setup_.strategy.retains
                                       ? retention_text(evidence_)
                                       : "not judged: the strategy takes no retain requests";
    add_losses(record, *reference);
    evidence_.job_errors = job_errors();
    Verdict judged = judge(*reference->reference, evidence_);
    never_fired_ = judged.outcome == HarnessOutcome::kVacuous && !evidence_.fault.fired &&
                   evidence_.unseen.empty();
    return judged;
  }

  void note_point(Record& record) const {
    record.point = evidence_.fault.point;
    if (!in_place_ || !planned_ || recoveries_.ended_early()) return;
    record.observed["replaced_point"] = {{"planned", describe(*planned_)}, {"met", record.point}};
  }

  // The judge sees the exit codes only.
  std::string job_errors() const {
    const std::pair<const char*, const ProcessEnd*> ends[] = {{"train", &evidence_.trained},
                                                              {"recover-1", &evidence_.recovered},
                                                              {"recover-2", &evidence_.resumed}};
    std::string all;
    for (const auto& [name, end] : ends) {
      if (!end->exited || end->exit_code == 0) continue;
      const std::string words = job_error(job_files(folder_, name));
      if (!words.empty()) all += ": " + words;
    }
    return all;
  }

  // What is not allowed may still be known; strategies that are wrong on purpose are judged by the
  // proof.
  void set_allowed(Record& record) const {
    const Verdict& verdict = *record.verdict;
    const FaultClass fault = fault_class_of(cell_.fault);
    const Survives claim = parse_survives(setup_.strategy.survives);
    const Declines declines = declines_of(setup_.strategy.may_skip);
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
  // failed, only the trial without a fault is run: all others would meet the same failure. Where it
  // hung, that trial would, too, and wait for it: the undisturbed run has told its verdict.
  std::optional<Verdict> resolve(const UndisturbedRun& undisturbed, Record& record) {
    Fault& fault = cell_.fault;
    if (undisturbed.failure) {
      record.observed["baseline_folder"] = undisturbed.kept;
      const bool disturbs = fault_class_of(fault) != FaultClass::kNone;
      if (!disturbs && !undisturbed.failure->findings.contains(Finding::kHang)) return std::nullopt;
      return undisturbed.failure;
    }
    if (undisturbed.run.saves == 0) {
      return harness_outcome(HarnessOutcome::kVacuous, kNoSaveRequested);
    }
    UndisturbedFacts facts = undisturbed.run;
    if (compares_runs()) {
      const auto again = setup_.baselines.undisturbed_again(cell_, setup_.strategy, setup_.runner);
      if (again->failure) {
        record.observed["baseline_folder"] = again->kept;
        return again->failure;
      }
      facts.again = again->run.operations;
    }
    if (setup_.point > 0) {
      if (auto end = take_point(facts, record)) return end;
    }
    first_ = fault_kinds().before_recovery(fault, facts);
    if (first_) return std::nullopt;  // made definite with an undisturbed recovery
    return make_definite(facts);
  }

  // Our own strategies repeat their names.
  bool compares_runs() const {
    const FaultKind* kind = fault_kinds().find(cell_.fault.kind);
    return setup_.strategy.opaque && kind != nullptr && kind->compares_runs;
  }

  std::optional<Verdict> make_definite(const UndisturbedFacts& facts) {
    const auto unmet = fault_kinds().resolve(cell_.fault, facts);
    if (unmet) return harness_outcome(unmet->outcome, unmet->why);
    planned_ = cell_.fault;
    facts_ = facts;
    if (in_place_) cell_.fault = *in_place_;
    return std::nullopt;
  }

  std::optional<Verdict> take_point(const UndisturbedFacts& facts, Record& record) {
    const std::vector<Fault> points = fault_kinds().points(cell_.fault, facts);
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
        facts.unseen.empty() ? "an undisturbed run has no point of this sweep" : facts.unseen);
  }

  Status gather() {
    if (Status status = train(); !status) return status;
    if (armed_in_recovery()) {
      if (Status status = meet_in_recovery(); !status) return status;
      // A recovery that lived has saved again: what comes after it is no recovery of the trained
      // run.
      if (unmet_ || recoveries_.lived()) return {};
    }
    recoveries_.run();
    // One that went well after all met no fault, whatever the trained run has met.
    const bool recovers = evidence_.recovery && !evidence_.recovery->anew &&
                          evidence_.recovery->outcome != RecoveryReport::Outcome::kRefused;
    if (rehearsal_failed_ && recovers) evidence_.unseen = kNotRehearsed;
    const bool asks = evidence_.second && evidence_.second->resave_durable;
    // The newest of them ends the process that asks.
    if (asks && !evidence_.second->anew) check_retention();
    return {};
  }

  Status meet_in_recovery() {
    if (first_) {
      evidence_.trained_by_fault = evidence_.fault.fired;
      auto rehearsed = rehearse(cell_, folder_, recoveries_.next_runner());
      if (!rehearsed) return rehearsed.error();
      std::optional<UndisturbedFacts> facts = std::move(rehearsed).value();
      // It fails without any fault: the recovery that counts will tell.
      if (!facts) {
        rehearsal_failed_ = true;
        return {};
      }
      if (compares_runs()) {
        const auto again = rehearse(cell_, folder_, recoveries_.next_runner());
        if (!again) return again.error();
        rehearsal_failed_ = !again.value();
        if (rehearsal_failed_) return {};
        facts->again = again.value()->operations;
      }
      unmet_ = make_definite(*facts);
      if (unmet_) return {};
    }
    return recoveries_.kill();
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
    auto fault = read_fault_log(files.faults);
    if (!fault) return fault.error();
    evidence_.fault = std::move(fault).value();
    if (!evidence_.fault.operations.empty()) {
      evidence_.unseen = unseen_change(before, content_of(job.checkpoint_dir), evidence_.fault);
    }
    return {};
  }

  void check_retention() {
    if (!setup_.strategy.retains) return;
    std::vector<std::string> journals;
    for (const char* name : {"train", "recover-killed"}) {
      journals.push_back(job_files(folder_, name).journal);
    }
    journals.insert(journals.end(), recoveries_.journals().begin(), recoveries_.journals().end());
    evidence_.retention = ckptbench::check_retention(cell_, folder_, journals, setup_.strategy,
                                                     recoveries_.next_runner());
  }

  void add_losses(Record& record, const ReferenceRun& reference) const {
    record.losses = reference.losses;
    add_losses_of(evidence_.journal, "trained", record);
    for (const JournalContents& journal : evidence_.resumed_journals) {
      add_losses_of(journal, "resumed", record);
    }
  }

  static void add_losses_of(const JournalContents& journal, const char* run, Record& record) {
    for (const JournalEntry& entry : journal.entries) {
      if (entry.event == Event::kStep && entry.loss) {
        record.losses.push_back({entry.step, *entry.loss, run});
      }
    }
  }

  Cell cell_;
  std::string folder_;
  const TrialSetup& setup_;
  std::optional<Fault> in_place_;  // armed in place of the planned one
  std::optional<Fault> planned_;   // the cell's, once it is definite
  UndisturbedFacts facts_;         // what it was made definite with
  TrialEvidence evidence_;
  TrialRecoveries recoveries_{cell_, folder_, setup_, evidence_};
  std::optional<Fault> first_;    // what the trained run meets where the fault is for the recovery
  std::optional<Verdict> unmet_;  // found out on the way
  uint64_t state_bytes_ = 0;      // as of a ReferenceRun
  bool rehearsal_failed_ = false;
  bool never_fired_ = false;
};

}  // namespace

TrialAttempt attempt_trial(const Cell& cell, const std::string& folder, const TrialSetup& setup,
                           const std::optional<Fault>& in_place) {
  Attempt attempt(cell, folder, setup, in_place);
  Record record = attempt.run();
  return {std::move(record), attempt.never_fired(), attempt.nearest()};
}

}  // namespace ckptbench
