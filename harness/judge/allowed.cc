#include "harness/judge/allowed.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>

namespace ckptbench {
namespace {

// Loud failures are allowed where the strategy does not claim to survive the fault; a wrong state,
// a forgotten acknowledgement and a service finding never are. Where nothing disturbs the run, the
// newest save comes back, unless the strategy may decline saves or claims nothing.
constexpr std::array kExact{DataVerdict::kBitExact};
constexpr std::array kOlderOrExact{DataVerdict::kRolledBack, DataVerdict::kBitExact};
constexpr std::array kLoudToo{DataVerdict::kDetectedUnrecoverable, DataVerdict::kNoFallback,
                              DataVerdict::kRolledBack, DataVerdict::kBitExact};

struct AllowedRow {
  FaultClass fault;
  bool claimed;                      // `survives` covers the fault
  std::optional<Declines> declines;  // absent: either
  std::span<const DataVerdict> verdicts;
};

constexpr std::array<AllowedRow, 5> kTable{{
    {FaultClass::kNone, true, Declines::kNo, kExact},
    {FaultClass::kNone, true, Declines::kYes, kOlderOrExact},
    {FaultClass::kNone, false, std::nullopt, kOlderOrExact},
    {FaultClass::kKill, true, std::nullopt, kOlderOrExact},
    {FaultClass::kKill, false, std::nullopt, kLoudToo},
}};

// A run that its fault never met was disturbed by nothing.
FaultClass met_fault(const Verdict& verdict, FaultClass armed) {
  const bool unmet =
      verdict.outcome == HarnessOutcome::kSweepEnd || verdict.outcome == HarnessOutcome::kVacuous;
  return unmet ? FaultClass::kNone : armed;
}

bool is_allowed(DataVerdict verdict, FaultClass fault, Survives claim, Declines declines) {
  for (const AllowedRow& row : kTable) {
    if (row.fault != fault || row.claimed != claim.process) continue;
    if (row.declines && *row.declines != declines) continue;
    return std::find(row.verdicts.begin(), row.verdicts.end(), verdict) != row.verdicts.end();
  }
  return false;
}

// The words of everything in it that the table does not allow.
std::set<std::string_view> not_allowed(const Verdict& verdict, FaultClass fault, Survives claim,
                                       Declines declines) {
  std::set<std::string_view> words;
  if (verdict.data && !is_allowed(*verdict.data, met_fault(verdict, fault), claim, declines)) {
    words.insert(verdict_name(*verdict.data));
  }
  for (const Finding finding : verdict.findings) words.insert(finding_name(finding));
  return words;
}

}  // namespace

Declines declines_of(bool may_skip) {
  return may_skip ? Declines::kYes : Declines::kNo;
}

bool is_allowed(const Verdict& verdict, FaultClass fault, Survives claim, Declines declines) {
  return is_sound(verdict) && not_allowed(verdict, fault, claim, declines).empty();
}

std::vector<const KnownFailure*> known_failures_of(const Verdict& verdict, FaultClass fault,
                                                   Survives claim, std::string_view strategy,
                                                   const std::vector<KnownFailure>& known,
                                                   Declines declines) {
  std::vector<const KnownFailure*> found;
  if (!is_sound(verdict)) return found;
  const std::string_view met = fault_class_name(met_fault(verdict, fault));
  for (const std::string_view word : not_allowed(verdict, fault, claim, declines)) {
    const auto entry = std::find_if(known.begin(), known.end(), [&](const KnownFailure& row) {
      return row.strategy == strategy && row.fault == met && row.verdict == word &&
             (!row.first_save || verdict.floor_step == 0);
    });
    if (entry == known.end()) return {};
    found.push_back(&*entry);
  }
  return found;
}

}  // namespace ckptbench
