#include "harness/judge/recovered.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "faults/fault_kinds.h"
#include "harness/judge/ending.h"
#include "harness/judge/reference_match.h"

namespace ckptbench {
namespace {

DataFinding found(DataVerdict verdict, uint64_t step, std::string why) {
  DataFinding finding;
  finding.verdict = verdict;
  finding.step = step;
  finding.why = std::move(why);
  return finding;
}

DataFinding departed(DataVerdict verdict, uint64_t step, Role component, uint64_t at_step,
                     std::string_view what) {
  DataFinding finding = found(verdict, step,
                              fmt::format("{} departs from the reference at step {} in {}", what,
                                          at_step, role_name(component)));
  finding.component = component;
  finding.at_step = at_step;
  return finding;
}

DataFinding unusable(std::string why) {
  DataFinding finding;
  finding.harness_error = std::move(why);
  return finding;
}

Finding silence_of(Ending ending) {
  return ending == Ending::kDeadline ? Finding::kHang : Finding::kRestoreCrashed;
}

// No report came. A strategy that dies while it restores is loud: the job stops and someone looks.
DataFinding judge_silence(const ProcessEnd& end, std::string_view what) {
  const std::string why = fmt::format("{} gave no report: the process {}", what, describe(end));
  const Ending ending = silent_recovery_ending(end);
  if (ending == Ending::kHarness) return unusable(why);
  DataFinding finding = found(DataVerdict::kDetectedUnrecoverable, 0, why);
  finding.findings.insert(silence_of(ending));
  return finding;
}

// The report is of further processes: that the first one, which ended so, gave none is a finding.
void judge_first_process(DataFinding& finding, const RecoveryReport& report,
                         const ProcessEnd& end) {
  if (report.anew) finding.findings.insert(silence_of(silent_recovery_ending(end)));
}

// Why the newest did not come back by itself.
std::string given_up(const RecoveryReport& report, std::string_view what) {
  return fmt::format("{} {}: {}", what, report.anew ? "gave no report" : "refuses", report.reason);
}

constexpr size_t kShownNames = 6;

std::string names_text(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kShownNames);
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(shown);
  std::string text = fmt::format("{}", fmt::join(names.begin(), end, ", "));
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

// Nothing loads: what the strategy said, and what became of each older checkpoint asked for by
// name.
DataFinding refused(const RecoveryReport& report, std::string_view what) {
  std::string why = given_up(report, what);
  why += report.tried.empty() ? "; it lists no checkpoint to ask for by number"
                              : fmt::format("; asked for by number: {}", names_text(report.tried));
  return found(DataVerdict::kDetectedUnrecoverable, 0, std::move(why));
}

void add_finding(DataFinding& finding, Finding what, const std::string& why) {
  finding.findings.insert(what);
  if (!finding.why.empty()) finding.why += "; ";
  finding.why += why;
}

// What a restore says of itself is judged like the bytes. `whole`: the step whose reference the
// state equals; absent where it equals none.
void judge_claims(DataFinding& finding, const RecoveryReport& report, std::string_view what,
                  std::optional<uint64_t> whole) {
  if (report.outcome != RecoveryReport::Outcome::kRestored) return;
  if (whole && report.step != *whole) {
    add_finding(
        finding, Finding::kMislabeled,
        fmt::format("{} claims step {} for the state of step {}", what, report.step, *whole));
  }
  if (!report.missing.empty()) {
    add_finding(
        finding, Finding::kNameMismatch,
        fmt::format("{} accepts a checkpoint that lacks {}", what, names_text(report.missing)));
  }
  if (!report.unexpected.empty()) {
    add_finding(finding, Finding::kNameMismatch,
                fmt::format("{} accepts a checkpoint with {}, which the state lacks", what,
                            names_text(report.unexpected)));
  }
  if (!whole && !report.unfilled.empty()) {
    finding.why += fmt::format("; left as it was before: {}", names_text(report.unfilled));
  }
}

// The state at `step` is right; is what follows? Compared by position: the labels are the
// strategy's claim. Steps beyond the reference's end cannot be compared.
std::optional<DataFinding> judge_continuation(const Reference& reference,
                                              const RecoveryReport& report, uint64_t step,
                                              std::string_view what) {
  for (size_t i = 0; i < report.continuation.size(); ++i) {
    const uint64_t at = step + i + 1;
    if (at >= reference.steps.size()) break;
    const auto role = first_difference(report.continuation[i].digests, reference.steps[at].digests);
    if (role) return departed(DataVerdict::kDiverged, step, *role, at, what);
  }
  return std::nullopt;
}

std::optional<DataFinding> judge_departure(const Match& match, uint64_t claimed,
                                           std::string_view what) {
  switch (match.kind) {
    case Match::Kind::kEqual:
      return std::nullopt;
    case Match::Kind::kUnrequested: {
      DataFinding finding =
          found(DataVerdict::kSilentCorrupt, match.step,
                fmt::format("{} loads the state of step {}, of which no save was requested (it "
                            "claims step {})",
                            what, match.step, claimed));
      finding.at_step = match.step;
      return finding;
    }
    case Match::Kind::kParameters:
      return departed(DataVerdict::kDiverged, match.step, *match.component, match.step, what);
    case Match::Kind::kNone:
      break;
  }
  DataFinding finding =
      found(DataVerdict::kSilentCorrupt, claimed,
            fmt::format("{} loads without an error, but its parameters equal no reference (it "
                        "claims step {})",
                        what, claimed));
  finding.component = Role::kParameter;
  finding.at_step = claimed;
  return finding;
}

// The newest step up to `last` whose reference the state equals.
std::optional<uint64_t> newest_equal(const Reference& reference, const ComponentDigests& state,
                                     uint64_t last) {
  for (uint64_t step = last + 1; step-- > 0;) {
    if (!first_difference(state, reference.steps.at(step).digests)) return step;
  }
  return std::nullopt;
}

// An older checkpoint had to be asked for by number.
DataFinding no_fallback(const RecoveryReport& report, uint64_t step, std::string_view what) {
  return found(
      DataVerdict::kNoFallback, step,
      fmt::format("{}; asked for by number, step {} comes back", given_up(report, what), step));
}

// The reference is as long as the longest chain of this trial's processes, each from what the one
// before it left.
std::string beyond_reference(const Reference& reference, const TrialEvidence& evidence,
                             uint64_t last, std::string_view what) {
  const bool rehearsed = fault_kinds().armed_in(evidence.cell.fault) == JobRole::kRecover;
  return fmt::format(
      "{} ended at step {}, although no process of this trial gets beyond step {} from what the "
      "one "
      "before it left: something outside the checkpoint directory changed between them, most "
      "likely {}",
      what, last, reference.steps.size() - 1,
      rehearsed ? "in the rehearsal of the recovery, which works on a copy of the directory alone"
                : "in another trial, or in an undisturbed run");
}

// Why the further updates cannot be judged; empty: all are there.
std::string incomplete(const Reference& reference, const TrialEvidence& evidence,
                       const RecoveryReport& report, uint64_t step, std::string_view what) {
  const size_t updates = report.continuation.size();
  if (updates != evidence.cell.more_steps) {
    return fmt::format("the recovery reports {} further updates, {} were asked for", updates,
                       evidence.cell.more_steps);
  }
  if (step + updates >= reference.steps.size()) {
    return beyond_reference(reference, evidence, step + updates, what);
  }
  return "";
}

DataFinding unrecoverable(uint64_t step, Finding what, std::string why) {
  DataFinding finding = found(DataVerdict::kDetectedUnrecoverable, step, std::move(why));
  finding.findings.insert(what);
  return finding;
}

// Of a resumed run that could not save. The explanation has the reason of the undisturbed run
// already.
std::string resave_trouble(const TrialEvidence& evidence, const std::string& error) {
  constexpr std::string_view kFailed = "failed: ";
  const bool same = error.starts_with(kFailed) && evidence.undisturbed.failed_saves.ends_with(
                                                      ": " + error.substr(kFailed.size()));
  return same ? ", as in the undisturbed run" : ": " + error;
}

// A resumed run has to make all its updates and save again. Nothing: it did.
std::optional<DataFinding> judge_resumed_run(const Reference& reference,
                                             const TrialEvidence& evidence,
                                             const RecoveryReport& report, uint64_t step,
                                             std::string_view what) {
  std::string missing = incomplete(reference, evidence, report, step, what);
  if (!missing.empty()) {
    if (report.resave_error.empty()) return unusable(std::move(missing));
    return unrecoverable(step, Finding::kTrainerKilled,
                         fmt::format("the strategy broke {}: {}", what, report.resave_error));
  }
  if (report.resave_durable) return std::nullopt;
  return unrecoverable(step, Finding::kSaveFailed,
                       fmt::format("{} could not save again{}", what,
                                   resave_trouble(evidence, report.resave_error)));
}

DataFinding judge_second_bytes(const Reference& reference, const TrialEvidence& evidence,
                               uint64_t expected, std::optional<uint64_t> whole) {
  constexpr std::string_view kWhat = "the second resume";
  const RecoveryReport& report = *evidence.second;
  if (!whole) {
    const auto role = first_difference(report.restored, reference.steps.at(expected).digests);
    return departed(DataVerdict::kDiverged, expected, *role, expected, kWhat);
  }
  if (auto finding = judge_continuation(reference, report, *whole, kWhat)) return *finding;
  if (!report.load_error.empty()) return unusable(report.load_error);
  if (auto finding = judge_resumed_run(reference, evidence, report, *whole, kWhat)) return *finding;
  if (report.by_number) {
    DataFinding finding = no_fallback(report, *whole, kWhat);
    finding.lost_steps = expected - *whole;
    return finding;
  }
  if (*whole == expected) return found(DataVerdict::kBitExact, expected, "");
  const auto verdict = *whole == 0 ? DataVerdict::kSilentRestart : DataVerdict::kLostAck;
  return found(verdict, *whole,
               fmt::format("{} is at step {}, although the resumed run's save of step {} was "
                           "durable",
                           kWhat, *whole, expected));
}

// The save at the end of the resumed run was acknowledged, so exactly that step must come back.
DataFinding judge_second(const Reference& reference, const TrialEvidence& evidence,
                         uint64_t expected) {
  constexpr std::string_view kWhat = "the second resume";
  if (!evidence.second) return judge_silence(evidence.resumed, kWhat);
  const RecoveryReport& report = *evidence.second;
  DataFinding finding;
  if (report.outcome == RecoveryReport::Outcome::kRefused) {
    finding = refused(report, kWhat);
  } else {
    const std::optional<uint64_t> whole = newest_equal(reference, report.restored, expected);
    finding = judge_second_bytes(reference, evidence, expected, whole);
    judge_claims(finding, report, kWhat, whole);
  }
  judge_first_process(finding, report, evidence.resumed);
  return finding;
}

// Where the state is right, how far back it is decides.
DataFinding judge_distance(const JournalFacts& facts, uint64_t step) {
  if (step == 0 && facts.floor > 0) {
    return found(DataVerdict::kSilentRestart, step,
                 fmt::format("starts from step 0 although step {} was durable", facts.floor));
  }
  if (step < facts.floor) {
    return found(DataVerdict::kLostAck, step,
                 fmt::format("step {} comes back although step {} was durable", step, facts.floor));
  }
  if (step < facts.last_requested) {
    return found(DataVerdict::kRolledBack, step,
                 fmt::format("step {} of {} requested comes back; floor {}", step,
                             facts.last_requested, facts.floor));
  }
  return found(DataVerdict::kBitExact, step, fmt::format("step {} comes back, bit by bit", step));
}

DataFinding worse(const DataFinding& first, const DataFinding& second) {
  if (!second.harness_error.empty()) return second;
  const bool second_is_worse = second.verdict < first.verdict;
  DataFinding result = second_is_worse ? second : first;
  result.step = first.step;
  if (!second_is_worse && !second.findings.empty()) result.why += "; " + second.why;
  result.findings = first.findings;
  result.findings.insert(second.findings.begin(), second.findings.end());
  return result;
}

// The second resume, from the save of the resumed run.
DataFinding judge_resave(const Reference& reference, const JournalFacts& facts,
                         const TrialEvidence& evidence, uint64_t step) {
  const bool nothing =
      evidence.second && evidence.second->outcome == RecoveryReport::Outcome::kNothing;
  if (nothing && facts.claims_nothing) return found(DataVerdict::kBitExact, step, "");
  return judge_second(reference, evidence, step + evidence.cell.more_steps);
}

DataFinding judge_first(const Reference& reference, const JournalFacts& facts,
                        const TrialEvidence& evidence, const Match& match) {
  constexpr std::string_view kWhat = "the recovery";
  const RecoveryReport& report = *evidence.recovery;
  if (auto finding = judge_departure(match, report.step, kWhat)) return *finding;
  if (!report.load_error.empty()) return unusable(report.load_error);
  if (auto finding = judge_continuation(reference, report, match.step, "the resumed run")) {
    return *finding;
  }
  const auto broken = judge_resumed_run(reference, evidence, report, match.step, "the resumed run");
  if (broken && report.continuation.size() != evidence.cell.more_steps) return *broken;
  const DataFinding first =
      report.by_number ? no_fallback(report, match.step, kWhat) : judge_distance(facts, match.step);
  return worse(first, broken ? *broken : judge_resave(reference, facts, evidence, match.step));
}

}  // namespace

DataFinding judge_recovery(const Reference& reference, const JournalFacts& facts,
                           const TrialEvidence& evidence) {
  constexpr std::string_view kWhat = "the recovery";
  if (!evidence.recovery) return judge_silence(evidence.recovered, kWhat);
  const RecoveryReport& report = *evidence.recovery;
  if (report.outcome == RecoveryReport::Outcome::kRefused) {
    DataFinding finding = refused(report, kWhat);
    judge_first_process(finding, report, evidence.recovered);
    return finding;
  }
  std::set<uint64_t> candidates = facts.requested;
  candidates.insert(0);
  const Match match = match_state(reference, report.restored, candidates, report.step);
  DataFinding finding = judge_first(reference, facts, evidence, match);
  const bool whole = match.kind == Match::Kind::kEqual || match.kind == Match::Kind::kUnrequested;
  judge_claims(finding, report, kWhat, whole ? std::optional(match.step) : std::nullopt);
  judge_first_process(finding, report, evidence.recovered);
  return finding;
}

}  // namespace ckptbench
