#include "harness/judge/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "faults/fault_kinds.h"
#include "harness/judge/ending.h"
#include "harness/judge/journal_facts.h"
#include "harness/judge/recovered.h"
#include "harness/judge/resumed_findings.h"
#include "harness/judge/resumed_steps.h"
#include "harness/judge/retention_verdict.h"

namespace ckptbench {
namespace {

// Time between the ends of two steps, as this run had it where its journal knows both.
double seconds_between(const Reference& reference, const JournalFacts& facts, uint64_t from,
                       uint64_t to) {
  const auto begin = facts.step_ns.find(from);
  const auto end = facts.step_ns.find(to);
  if (begin != facts.step_ns.end() && end != facts.step_ns.end()) {
    return static_cast<double>(end->second - begin->second) * 1e-9;
  }
  if (from >= reference.step_ns.size() || to >= reference.step_ns.size()) return 0;
  return (reference.step_ns[to] - reference.step_ns[from]) * 1e-9;
}

void add_line(std::string& text, const std::string& more) {
  if (!text.empty()) text += "; ";
  text += more;
}

void add_data(Verdict& verdict, const Reference& reference, const JournalFacts& facts,
              const TrialEvidence& evidence) {
  const DataFinding data = judge_recovery(reference, facts, evidence);
  verdict.findings.insert(data.findings.begin(), data.findings.end());
  if (!data.harness_error.empty()) {
    verdict.outcome = HarnessOutcome::kHarnessError;
    add_line(verdict.explanation, data.harness_error);
    return;
  }
  verdict.data = data.verdict;
  verdict.component = data.component;
  verdict.at_step = data.at_step;
  verdict.recovered_step = data.step;
  if (data.step < facts.last_requested) {
    verdict.lost_steps = facts.last_requested - data.step;
    verdict.lost_s = seconds_between(reference, facts, data.step, facts.last_requested);
  }
  if (data.lost_steps) verdict.lost_steps = *data.lost_steps;
  add_line(verdict.explanation, data.why);
  const bool good =
      data.verdict == DataVerdict::kBitExact || data.verdict == DataVerdict::kRolledBack;
  if (!good || !evidence.retention) return;
  const RetentionFinding retention = judge_retention(reference, *evidence.retention);
  verdict.findings.insert(retention.findings.begin(), retention.findings.end());
  for (const std::string& line : retention.lines) add_line(verdict.explanation, line);
  if (!retention.harness_error.empty()) {
    verdict.outcome = HarnessOutcome::kHarnessError;
    add_line(verdict.explanation, retention.harness_error);
  }
}

// What a fault did not cause: the run ended in order and nothing had been killed in it.
void add_undisturbed(Verdict& verdict, const JournalFacts& facts, const TrialEvidence& evidence,
                     Ending ending) {
  const bool undisturbed = ending == Ending::kInOrder && !evidence.fault.fired;
  const std::string own = undisturbed ? facts.saves.failures() : "";
  const std::string& failures = own.empty() ? evidence.undisturbed.failed_saves : own;
  if (!failures.empty()) {
    verdict.findings.insert(Finding::kSaveFailed);
    add_line(verdict.explanation, failures + ", although nothing disturbed the run");
  }
  const std::string own_retention = undisturbed ? facts.saves.failed_retention() : "";
  const std::string& retention =
      own_retention.empty() ? evidence.undisturbed.failed_retention : own_retention;
  if (!retention.empty()) {
    verdict.findings.insert(Finding::kRetentionBroken);
    add_line(verdict.explanation, "old checkpoints were not deleted: " + retention +
                                      ", although nothing disturbed the run");
  }
  if (undisturbed && facts.saves.skipped() > 0) {
    add_line(verdict.explanation, fmt::format("{} of {} saves were skipped", facts.saves.skipped(),
                                              facts.saves.requests()));
  }
}

using Lines = std::vector<FoundLine>;

// What was `said` before is not said again.
void add_lines(Verdict& verdict, const Lines& lines, Lines& said) {
  for (const FoundLine& line : lines) {
    if (line.why.empty()) continue;
    verdict.findings.insert(line.finding);
    if (std::find(said.begin(), said.end(), line) != said.end()) continue;
    add_line(verdict.explanation, line.why);
    said.push_back(line);
  }
}

Lines report_lines(const JournalFacts& facts, const TrialEvidence& evidence) {
  const UndisturbedFindings& other = evidence.undisturbed;
  const std::string& background = facts.background_change;
  const std::string& late = facts.saves.late();
  Lines lines = {
      {Finding::kUndeclaredBackground, background.empty() ? other.background_change : background}};
  for (FoundLine& line : report_findings(facts, evidence.claim, other.conflict,
                                         late.empty() ? other.late_save : late)) {
    lines.push_back(std::move(line));
  }
  return lines;
}

void add_findings(Verdict& verdict, const Reference& reference, const JournalFacts& facts,
                  const TrialEvidence& evidence, Ending ending, Lines& said) {
  if (const auto departure = find_perturbation(evidence.journal, reference)) {
    verdict.findings.insert(Finding::kPerturbed);
    add_line(verdict.explanation, fmt::format("saving changed training at step {} in {}",
                                              departure->step, role_name(departure->component)));
  }
  if (ending == Ending::kDeadline) {
    verdict.findings.insert(Finding::kHang);
    const std::string& stacks = evidence.trained.stacks_path;
    add_line(verdict.explanation, fmt::format("training made no progress in its deadline{}{}",
                                              stacks.empty() ? "" : ", stacks in ", stacks));
  }
  if (ending == Ending::kStrategy) {
    verdict.findings.insert(Finding::kTrainerKilled);
    add_line(verdict.explanation,
             fmt::format("training ended by itself: the process {}{}{}", describe(evidence.trained),
                         facts.last_failure.empty() ? "" : " after the ", facts.last_failure));
  }
  add_lines(verdict, report_lines(facts, evidence), said);
  if (!evidence.undisturbed.leaks.empty()) verdict.findings.insert(Finding::kLeak);
  for (const std::string& leak : evidence.undisturbed.leaks) add_line(verdict.explanation, leak);
}

// A run that ended in order without asking for a save has put nothing to the test.
bool never_saved(const JournalFacts& facts, Ending ending) {
  return ending == Ending::kInOrder && facts.requested.empty();
}

bool met_its_fault(const TrialEvidence& evidence, Ending ending) {
  if (fault_class_of(evidence.cell.fault) == FaultClass::kNone || evidence.fault.fired) return true;
  if (evidence.trained_by_fault) return false;  // it was for the recovery, and did not end it
  return ending != Ending::kInOrder;
}

// All but find_in_resumed(). `said`: gets the lines that it may find, too.
Verdict judge_trial(const Reference& reference, const TrialEvidence& evidence, Lines& said) {
  const ResumedSteps counted = count_resumed_steps(evidence.journal, reference);
  const JournalFacts facts = read_facts(counted.journal);
  const Ending ending = trained_ending(evidence, facts);
  if (ending == Ending::kHarness) {
    return harness_outcome(HarnessOutcome::kHarnessError,
                           fmt::format("the training process {}", describe(evidence.trained)));
  }
  const std::string contradiction = find_contradiction(counted.journal, reference);
  if (!contradiction.empty()) return harness_outcome(HarnessOutcome::kOracleInvalid, contradiction);

  if (never_saved(facts, ending)) {
    return harness_outcome(HarnessOutcome::kVacuous,
                           "the policy requested no save before the run ended");
  }

  Verdict verdict;
  verdict.last_requested_step = facts.last_requested;
  verdict.floor_step = facts.floor;
  add_findings(verdict, reference, facts, evidence, ending, said);
  if (!counted.mislabeled.empty()) {
    verdict.findings.insert(Finding::kMislabeled);
    add_line(verdict.explanation, counted.mislabeled);
  }
  add_undisturbed(verdict, facts, evidence, ending);
  // How the last save came back is judged without a fault too, and counts (allowed.cc).
  if (!met_its_fault(evidence, ending)) {
    verdict.outcome = HarnessOutcome::kVacuous;
    add_line(verdict.explanation, "the fault never fired");
  } else if (!evidence.unseen.empty()) {
    verdict.outcome =
        evidence.unseen.unread ? HarnessOutcome::kHarnessError : HarnessOutcome::kVacuous;
    add_line(verdict.explanation, evidence.unseen);
  }
  if (!verdict.outcome || evidence.recovery) add_data(verdict, reference, facts, evidence);
  return verdict;
}

}  // namespace

Verdict harness_outcome(HarnessOutcome outcome, std::string why) {
  Verdict verdict;
  verdict.outcome = outcome;
  verdict.explanation = std::move(why);
  return verdict;
}

Verdict judge(const Reference& reference, const TrialEvidence& evidence) {
  Lines said;
  Verdict verdict = judge_trial(reference, evidence, said);
  if (verdict.outcome == HarnessOutcome::kOracleInvalid) return verdict;
  if (verdict.outcome == HarnessOutcome::kHarnessError) verdict.explanation += evidence.job_errors;
  add_lines(verdict, find_in_resumed(reference, evidence), said);
  return verdict;
}

}  // namespace ckptbench
