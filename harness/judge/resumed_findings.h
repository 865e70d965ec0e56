// What the journals of the resumed runs show that holds of every run: reports that contradict each
// other or the claim, deletions that nobody allowed, requests to delete that failed. Pure function.
#pragma once

#include <vector>

#include "harness/judge/journal_facts.h"
#include "harness/judge/judge.h"

namespace ckptbench {

// In the order of an explanation. What the resumed runs report of the trained run's saves is judged
// by that run's requests; what the trained run shows alone is among it, too.
std::vector<FoundLine> find_in_resumed(const Reference& reference, const TrialEvidence& evidence);

}  // namespace ckptbench
