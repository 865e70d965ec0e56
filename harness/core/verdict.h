// The words of the oracle (docs/metrics.md, "Verdicts"): one data verdict per trial, any number of
// service findings, and harness outcomes, which are never passes. Plain values.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/tensor_view.h"

namespace ckptbench {

// How bad a word is, in rising order; tables and the page are coloured by it.
enum class Severity {
  kUnknown,  // says nothing about the strategy
  kExact,    // everything came back
  kRolled,   // an older, allowed step
  kLoud,     // refused, or a finding: a user notices
  kSilent,   // an acknowledged step was lost
  kWrong,    // training goes on from a wrong state
};

// A word of the oracle: what users read, what it means, and how bad it is.
struct VerdictWord {
  std::string_view word;
  std::string_view meaning;  // one line
  Severity severity;
};

// Worst first. The meanings are in verdict.cc.
enum class DataVerdict {
  kSilentCorrupt,
  kDiverged,
  kSilentRestart,
  kLostAck,
  kDetectedUnrecoverable,
  kNoFallback,
  kRolledBack,
  kBitExact,
};

enum class Finding {
  kHang,
  kTrainerKilled,
  kPerturbed,
  kLeak,
  kMislabeled,
  kNameMismatch,
  kUndeclaredBackground,
  kAckConflict,
  kEarlyRetire,
  kClaimMismatch,
  kSaveFailed,
  kRetentionBroken,
  kUnrequestedReport,
  kRestoreCrashed,
  kNeverAcknowledged,
};

enum class HarnessOutcome {
  kVacuous,
  kOracleInvalid,
  kNotApplicable,
  kSweepEnd,
  kHarnessError,
  kNotRun,
};
inline constexpr int kOutcomeCount = static_cast<int>(HarnessOutcome::kNotRun) + 1;

struct Verdict {
  std::optional<DataVerdict> data;        // absent when a harness outcome says why
  std::optional<HarnessOutcome> outcome;  // absent when the trial counts
  std::set<Finding> findings;
  std::optional<Role> component;    // kDiverged, kSilentCorrupt: the first that departs
  std::optional<uint64_t> at_step;  // where it departs
  uint64_t recovered_step = 0;
  uint64_t last_requested_step = 0;
  uint64_t floor_step = 0;
  uint64_t lost_steps = 0;
  double lost_s = 0;
  std::string explanation;  // one line for people
};

// False: the harness failed, or its reference is invalid, so that nothing here counts against the
// strategy. What was found before the harness failed, in the strategy's own runs, counts.
bool is_sound(const Verdict& verdict);

inline constexpr int kVerdictCount = static_cast<int>(DataVerdict::kBitExact) + 1;
inline constexpr int kFindingCount = static_cast<int>(Finding::kNeverAcknowledged) + 1;

// All words, in the order of their enumerators.
std::span<const VerdictWord> data_words();
std::span<const VerdictWord> finding_words();
std::span<const VerdictWord> outcome_words();
Severity severity_of(DataVerdict verdict);
Severity severity_of(Finding finding);

std::string_view verdict_name(DataVerdict verdict);     // "SILENT-CORRUPT", …
std::string_view finding_name(Finding finding);         // "HANG", …
std::string_view outcome_name(HarnessOutcome outcome);  // "VACUOUS", …
std::optional<DataVerdict> parse_verdict(std::string_view name);
std::optional<Finding> parse_finding(std::string_view name);
// "ROLLED-BACK(3)", "DIVERGED(rng)", "BIT-EXACT +LEAK", "VACUOUS": the table's cell.
std::string short_text(const Verdict& verdict);

void to_json(nlohmann::json& out, const Verdict& value);
void from_json(const nlohmann::json& in, Verdict& value);

}  // namespace ckptbench
