// Verdicts of some trials, counted, and what is said of them. Plain values; no thread rule.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/record.h"

namespace ckptbench {

struct VerdictTally {
  size_t trials = 0;                     // all, harness outcomes included
  size_t judged = 0;                     // those that came to a data verdict under their fault
  std::map<std::string, size_t> counts;  // by verdict_name, finding_name, outcome_name
  // By data verdict, then by outcome; of equals, the one with findings.
  std::optional<Verdict> worst;
  uint64_t most_lost_steps = 0;  // by one trial with a data verdict
  // The same in saves, from one save to the next; absent: one that lost something saves by more
  // than its steps.
  std::optional<uint64_t> most_lost_saves = 0;
  size_t not_allowed = 0;          // as results/record_end.h has it
  size_t failed = 0;               // without a verdict for the harness's own failure
  void add(const Record& record);  // REQUIRES: a record with a verdict
  void add(const VerdictTally& other);
};
// Those whose data verdict counts: without those that met no fault and lost nothing, did not apply,
// or came to no end.
size_t decided_trials(const VerdictTally& tally);
// "22"; "22 of 28" where others came to no verdict.
std::string trials_text(const VerdictTally& tally);
// "BIT-EXACT 12", "ROLLED-BACK 4", …: best first, then findings, then harness outcomes.
std::vector<std::string> count_items(const VerdictTally& tally);
// "BIT-EXACT 12 · ROLLED-BACK 4 · VACUOUS 1"
std::string counts_text(const VerdictTally& tally);
// "LOST-ACK", "BIT-EXACT +HANG", "VACUOUS", "–": one word for a cell, without numbers.
std::string worst_text(const VerdictTally& tally);

// The most that one trial lost: "20 saves", or "40 steps" where saves cannot be counted; "nothing";
// "–": no data verdict. What is acknowledged late is lost without a word, and shows here alone.
std::string most_lost_text(const VerdictTally& tally);
inline constexpr std::string_view kMostLost = "most lost";  // the head of its column

// What speaks against a strategy, worst first: "lost or refused in 9 of 13 trials: LOST-ACK 2,
// NO-FALLBACK 7; 1 not allowed", of those that came to a verdict. Empty: nothing lost or refused,
// no finding, all allowed.
std::string loss_text(const VerdictTally& tally);

// That of the worst word that is counted; kUnknown where there is neither a data verdict nor a
// finding.
Severity severity(const VerdictTally& tally);

}  // namespace ckptbench
