// The words of the oracle (docs/design.md §4): one data verdict per trial, any number of service
// findings, and harness outcomes, which are never passes. Plain values.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "harness/core/tensor_view.h"

namespace ckptbench {

// Worst first; severity only sorts.
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
  kHang,                  // no progress for the deadline; stacks kept
  kTrainerKilled,         // a save ended training that could have gone on
  kPerturbed,             // saving changed training
  kLeak,                  // memory, descriptors or disk grow per save
  kMislabeled,            // the right bytes under a wrong step
  kNameMismatch,          // a full restore that accepted missing or unexpected names
  kUndeclaredBackground,  // files changed after save() had returned; `background` is not declared
  kAckConflict,           // one acknowledgement says durable, another of the same save says failed
  kEarlyRetire,           // deleted what retain keeps, or before a newer one was acknowledged
  kClaimMismatch,         // acknowledged more, or less, than `survives` in the list claims
};

enum class HarnessOutcome {
  kVacuous,        // the fault never fired
  kOracleInvalid,  // two clean reference runs differ, or the evidence contradicts itself
  kNotApplicable,  // an opaque peer has no such phase
  kSweepEnd,       // the trial without a fault that ends an exhaustive sweep
  kHarnessError,   // a process of ours failed for a reason of ours
  kNotRun,         // the strategy's undisturbed run failed: the findings say how
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

inline constexpr int kVerdictCount = static_cast<int>(DataVerdict::kBitExact) + 1;
inline constexpr int kFindingCount = static_cast<int>(Finding::kClaimMismatch) + 1;

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
