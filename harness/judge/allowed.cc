#include <array>

#include "harness/judge/judge.h"

namespace ckptbench {
namespace {

// Fault class × claim. The only fault class of today is the kill of a process.
struct AllowedRow {
  Claim claim;
  DataVerdict worst;
  bool findings;  // whether service findings are tolerated
};

constexpr std::array<AllowedRow, 3> kKillOfAProcess{{
    {Claim::kNative, DataVerdict::kRolledBack, false},
    {Claim::kPeer, DataVerdict::kSilentCorrupt, true},
    {Claim::kBroken, DataVerdict::kSilentCorrupt, true},
}};

bool vouched_for(const Verdict& verdict) {
  return verdict.outcome != HarnessOutcome::kOracleInvalid &&
         verdict.outcome != HarnessOutcome::kHarnessError;
}

}  // namespace

bool is_allowed(const Verdict& verdict, Claim claim) {
  if (!vouched_for(verdict)) return false;
  const AllowedRow& row = kKillOfAProcess.at(static_cast<size_t>(claim));
  if (!row.findings && !verdict.findings.empty()) return false;
  if (verdict.data) return *verdict.data >= row.worst;
  return verdict.outcome.has_value();
}

}  // namespace ckptbench
