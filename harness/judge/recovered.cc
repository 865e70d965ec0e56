#include "harness/judge/recovered.h"

#include <fmt/format.h>

#include "harness/judge/process_end.h"
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

// No report came. A strategy that dies while it restores is loud: the job stops and someone looks.
DataFinding judge_silence(const ProcessEnd& end, std::string_view what) {
  const std::string why = fmt::format("{} gave no report: the process {}", what, describe(end));
  const Ending ending = silent_recovery_ending(end);
  if (ending == Ending::kHarness) return unusable(why);
  DataFinding finding = found(DataVerdict::kDetectedUnrecoverable, 0, why);
  finding.hang = ending == Ending::kDeadline;
  return finding;
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

// The save at the end of the resumed run was acknowledged, so exactly that step must come back.
DataFinding judge_second(const Reference& reference, const TrialEvidence& evidence,
                         uint64_t expected) {
  constexpr std::string_view kWhat = "the second resume";
  if (!evidence.second) return judge_silence(evidence.resumed, kWhat);
  const RecoveryReport& report = *evidence.second;
  if (report.outcome == RecoveryReport::Outcome::kRefused) {
    return found(DataVerdict::kDetectedUnrecoverable, 0,
                 fmt::format("{} refuses: {}", kWhat, report.reason));
  }
  const auto role = first_difference(report.restored, reference.steps.at(expected).digests);
  if (!role) {
    if (auto finding = judge_continuation(reference, report, expected, kWhat)) return *finding;
    return found(DataVerdict::kBitExact, expected, "");
  }
  for (uint64_t older = 0; older < expected; ++older) {
    if (first_difference(report.restored, reference.steps.at(older).digests)) continue;
    const auto verdict = older == 0 ? DataVerdict::kSilentRestart : DataVerdict::kLostAck;
    return found(verdict, older,
                 fmt::format("{} is at step {}, although the resumed run's save of "
                             "step {} was durable",
                             kWhat, older, expected));
  }
  return departed(DataVerdict::kDiverged, expected, *role, expected, kWhat);
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
  DataFinding result = second.verdict < first.verdict ? second : first;
  result.step = first.step;
  result.hang = first.hang || second.hang;
  return result;
}

// Why the further updates cannot be judged; empty: all are there.
std::string incomplete(const Reference& reference, const TrialEvidence& evidence, uint64_t step) {
  const size_t updates = evidence.recovery->continuation.size();
  if (updates != evidence.cell.more_steps) {
    return fmt::format("the recovery reports {} further updates, {} were asked for", updates,
                       evidence.cell.more_steps);
  }
  if (step + updates >= reference.steps.size()) {
    return fmt::format("the reference ends at step {}, the resumed run at {}",
                       reference.steps.size() - 1, step + updates);
  }
  return "";
}

// The save of the resumed run and the second resume from it.
DataFinding judge_resave(const Reference& reference, const JournalFacts& facts,
                         const TrialEvidence& evidence, uint64_t step) {
  if (!evidence.recovery->resave_durable) {
    return found(DataVerdict::kDetectedUnrecoverable, step,
                 "the resumed run could not save again: " + evidence.recovery->resave_error);
  }
  const bool nothing =
      evidence.second && evidence.second->outcome == RecoveryReport::Outcome::kNothing;
  if (nothing && facts.claims_nothing) return found(DataVerdict::kBitExact, step, "");
  return judge_second(reference, evidence, step + evidence.cell.more_steps);
}

}  // namespace

DataFinding judge_recovery(const Reference& reference, const JournalFacts& facts,
                           const TrialEvidence& evidence) {
  constexpr std::string_view kWhat = "the recovery";
  if (!evidence.recovery) return judge_silence(evidence.recovered, kWhat);
  const RecoveryReport& report = *evidence.recovery;
  if (report.outcome == RecoveryReport::Outcome::kRefused) {
    return found(DataVerdict::kDetectedUnrecoverable, 0, "the recovery refuses: " + report.reason);
  }
  std::set<uint64_t> candidates = facts.requested;
  candidates.insert(0);
  const Match match = match_state(reference, report.restored, candidates, report.step);
  if (auto finding = judge_departure(match, report.step, kWhat)) return *finding;
  if (auto finding = judge_continuation(reference, report, match.step, "the resumed run")) {
    return *finding;
  }
  std::string missing = incomplete(reference, evidence, match.step);
  if (!missing.empty()) {
    if (report.resave_error.empty()) return unusable(std::move(missing));
    return found(DataVerdict::kDetectedUnrecoverable, match.step,
                 "the strategy broke the resumed run: " + report.resave_error);
  }
  DataFinding first = judge_distance(facts, match.step);
  if (report.step != match.step) first.why += fmt::format(" (it claims step {})", report.step);
  return worse(first, judge_resave(reference, facts, evidence, match.step));
}

}  // namespace ckptbench
