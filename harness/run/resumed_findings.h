// What the journals of the resumed runs show that holds of every run: reports that contradict each
// other or the claim, deletions that nobody allowed, requests to delete that failed. Pure function.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/judge/judge.h"

namespace ckptbench {

struct ResumedFinding {
  Finding finding;
  std::string why;  // in words
};

// `trained`: of the trained run and of a recovery that the fault killed: what the resumed runs
// report of its saves is judged by its requests. `resumed`: nothing disturbed these runs. `claim`:
// as in TrialEvidence.
std::vector<ResumedFinding> find_in_resumed(const JournalContents& trained,
                                            const std::vector<JournalContents>& resumed,
                                            const Reference& reference,
                                            const std::optional<Survives>& claim);

// Adds what the verdict does not say yet; nothing where the evidence proves nothing.
void add_resumed_findings(Verdict& verdict, const std::vector<ResumedFinding>& found);

}  // namespace ckptbench
