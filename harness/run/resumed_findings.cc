#include "harness/run/resumed_findings.h"

#include <fmt/format.h>

#include "harness/judge/journal_facts.h"
#include "harness/judge/resumed_steps.h"

namespace ckptbench {
namespace {

// One journal of all runs, as if one process had made every save.
JournalContents joined(const JournalContents& trained,
                       const std::vector<JournalContents>& resumed) {
  JournalContents whole = trained;
  for (const JournalContents& journal : resumed) {
    for (const JournalEntry& entry : journal.entries) {
      const bool trains =
          entry.event == Event::kStart || entry.event == Event::kStep || entry.event == Event::kEnd;
      if (!trains) whole.entries.push_back(entry);
    }
  }
  return whole;
}

// The first of each kind. Of the resumed runs alone: in the trained one a fault may have caused it.
struct OwnFindings {
  std::string failed_retention;
  std::string background_change;
};

OwnFindings own_findings(const std::vector<JournalContents>& resumed) {
  OwnFindings own;
  for (const JournalContents& journal : resumed) {
    const JournalFacts facts = read_facts(journal);
    if (own.failed_retention.empty()) own.failed_retention = facts.saves.failed_retention();
    if (own.background_change.empty()) own.background_change = facts.background_change;
  }
  return own;
}

}  // namespace

std::vector<ResumedFinding> find_in_resumed(const JournalContents& trained,
                                            const std::vector<JournalContents>& resumed,
                                            const Reference& reference,
                                            const std::optional<Survives>& claim) {
  std::vector<ResumedFinding> found;
  const auto add = [&](Finding finding, const std::string& why) {
    if (!why.empty()) found.push_back({finding, why});
  };
  const OwnFindings own = own_findings(resumed);
  if (!own.failed_retention.empty()) {
    add(Finding::kRetentionBroken,
        fmt::format("old checkpoints were not deleted in a resumed run: {}, although nothing "
                    "disturbed it",
                    own.failed_retention));
  }
  add(Finding::kUndeclaredBackground, own.background_change);
  const ResumedSteps counted = count_resumed_steps(joined(trained, resumed), reference);
  const JournalFacts facts = read_facts(counted.journal);
  add(Finding::kAckConflict, facts.saves.conflict(claim));
  add(Finding::kEarlyRetire, facts.saves.early_retire());
  add(Finding::kUnrequestedReport, facts.unrequested);
  if (claim) add(Finding::kClaimMismatch, facts.saves.claim_mismatch(*claim));
  return found;
}

void add_resumed_findings(Verdict& verdict, const std::vector<ResumedFinding>& found) {
  if (verdict.outcome == HarnessOutcome::kOracleInvalid) return;
  for (const ResumedFinding& one : found) {
    verdict.findings.insert(one.finding);
    if (verdict.explanation.find(one.why) != std::string::npos) continue;
    if (!verdict.explanation.empty()) verdict.explanation += "; ";
    verdict.explanation += one.why;
  }
}

}  // namespace ckptbench
