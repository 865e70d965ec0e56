// What went wrong, equal failures folded into one with their number. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "results/result_rows.h"

namespace ckptbench {

struct FailureGroup {
  const Record* first = nullptr;  // the others have its strategy, verdict and allowance
  std::string verdict;            // "DIVERGED(rng)"
  size_t count = 0;
};
// Trials that are not allowed or inconclusive (results/record_end.h), in order of first appearance;
// with `all`, also the allowed ones that
// refused, lost something or have a finding, of strategies that are not broken on purpose. The
// records must outlive the result.
std::vector<FailureGroup> failure_groups(const std::vector<Record>& records,
                                         const ResultRows& results, bool all);

// The short name of a record's strategy, as in its row.
std::string strategy_name(const ResultRows& results, const Cell& cell);
bool is_broken(const ResultRows& results, const Cell& cell);

// "sync on digits-mlp: 2 saves failed; the first: No space left on device": of each measured row in
// which saves failed, or old checkpoints were not deleted; what made them fail may be the
// machine's. "not allowed: measure-3 (sync): restore-warm-1: …": of each cell that the strategy
// failed.
std::vector<std::string> measured_failure_notes(const ResultRows& results);

// "trial-7 (sync): LOST-ACK: explanation": of one trial; "12 times, first …".
std::string failure_text(const FailureGroup& failure, const ResultRows& results);

}  // namespace ckptbench
