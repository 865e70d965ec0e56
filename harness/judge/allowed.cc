#include "harness/judge/allowed.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace ckptbench {
namespace {

// Loud failures are allowed where the strategy does not claim to survive the fault; a wrong state,
// a forgotten acknowledgement and a service finding never are.
constexpr std::array kOlderOrExact{DataVerdict::kRolledBack, DataVerdict::kBitExact};
constexpr std::array kLoudToo{DataVerdict::kDetectedUnrecoverable, DataVerdict::kNoFallback,
                              DataVerdict::kRolledBack, DataVerdict::kBitExact};

struct AllowedRow {
  FaultClass fault;
  bool claimed;  // `survives` covers the fault
  std::span<const DataVerdict> verdicts;
};

constexpr std::array<AllowedRow, 4> kTable{{
    {FaultClass::kNone, true, kOlderOrExact},
    {FaultClass::kNone, false, kOlderOrExact},
    {FaultClass::kKill, true, kOlderOrExact},
    {FaultClass::kKill, false, kLoudToo},
}};

bool is_allowed(DataVerdict verdict, FaultClass fault, Survives claim) {
  for (const AllowedRow& row : kTable) {
    if (row.fault != fault || row.claimed != claim.process) continue;
    return std::find(row.verdicts.begin(), row.verdicts.end(), verdict) != row.verdicts.end();
  }
  return false;
}

// The words of everything in it that the table does not allow.
std::set<std::string_view> not_allowed(const Verdict& verdict, FaultClass fault, Survives claim) {
  std::set<std::string_view> words;
  if (verdict.data && !is_allowed(*verdict.data, fault, claim)) {
    words.insert(verdict_name(*verdict.data));
  }
  for (const Finding finding : verdict.findings) words.insert(finding_name(finding));
  return words;
}

}  // namespace

bool is_vouched_for(const Verdict& verdict) {
  if (!verdict.outcome) return verdict.data.has_value();
  return *verdict.outcome != HarnessOutcome::kOracleInvalid &&
         *verdict.outcome != HarnessOutcome::kHarnessError;
}

bool is_allowed(const Verdict& verdict, FaultClass fault, Survives claim) {
  return is_vouched_for(verdict) && not_allowed(verdict, fault, claim).empty();
}

std::vector<const KnownFailure*> known_failures_of(const Verdict& verdict, FaultClass fault,
                                                   Survives claim, std::string_view strategy,
                                                   const std::vector<KnownFailure>& known) {
  std::vector<const KnownFailure*> found;
  if (!is_vouched_for(verdict)) return found;
  for (const std::string_view word : not_allowed(verdict, fault, claim)) {
    const auto entry = std::find_if(known.begin(), known.end(), [&](const KnownFailure& row) {
      return row.strategy == strategy && row.fault == fault_class_name(fault) &&
             row.verdict == word;
    });
    if (entry == known.end()) return {};
    found.push_back(&*entry);
  }
  return found;
}

}  // namespace ckptbench
