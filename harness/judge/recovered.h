// Judges what came back: the first recovery, its further updates, and the second resume. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "harness/judge/journal_facts.h"
#include "harness/judge/judge.h"

namespace ckptbench {

// Either a data verdict or, in `harness_error`, why there can be none.
struct DataFinding {
  DataVerdict verdict = DataVerdict::kBitExact;
  uint64_t step = 0;                   // that the state was found at
  std::optional<uint64_t> lost_steps;  // of the second resume; absent: counted from `step`
  std::optional<Role> component;
  std::optional<uint64_t> at_step;
  std::string why;
  std::set<Finding> findings;
  std::string harness_error;
};

DataFinding judge_recovery(const Reference& reference, const JournalFacts& facts,
                           const TrialEvidence& evidence);

}  // namespace ckptbench
