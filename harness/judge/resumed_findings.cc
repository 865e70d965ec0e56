#include "harness/judge/resumed_findings.h"

#include <fmt/format.h>

#include <utility>

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

std::vector<FoundLine> find_in_resumed(const Reference& reference, const TrialEvidence& evidence) {
  std::vector<FoundLine> found;
  const OwnFindings own = own_findings(evidence.resumed_journals);
  if (!own.failed_retention.empty()) {
    found.push_back({Finding::kRetentionBroken,
                     fmt::format("old checkpoints were not deleted in a resumed run: {}, although "
                                 "nothing disturbed it",
                                 own.failed_retention)});
  }
  found.push_back({Finding::kUndeclaredBackground, own.background_change});
  const ResumedSteps counted =
      count_resumed_steps(joined(evidence.journal, evidence.resumed_journals), reference);
  const JournalFacts facts = read_facts(counted.journal);
  for (FoundLine& line : report_findings(facts, evidence.claim, "", "")) {
    found.push_back(std::move(line));
  }
  std::erase_if(found, [](const FoundLine& line) { return line.why.empty(); });
  return found;
}

}  // namespace ckptbench
