// What is allowed: a table fault class × claim, the same for every strategy, a user's own included.
// Known failures are listed by name and are no part of the table. Pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "faults/fault_kinds.h"
#include "harness/core/known_failure.h"
#include "harness/core/observer.h"
#include "harness/core/verdict.h"

namespace ckptbench {

// Whether a strategy may decline a save while an earlier one is in flight, as its row says
// (`may_skip` of StrategyInfo).
enum class Declines { kNo, kYes };
Declines declines_of(bool may_skip);

bool is_allowed(const Verdict& verdict, FaultClass fault, Survives claim,
                Declines declines = Declines::kNo);

// The entries that cover all of what is not allowed in this verdict: its data verdict and every
// finding. Of a run that its fault never met, those of no fault. Empty: something is covered by
// none of them, or everything is allowed.
std::vector<const KnownFailure*> known_failures_of(const Verdict& verdict, FaultClass fault,
                                                   Survives claim, std::string_view strategy,
                                                   const std::vector<KnownFailure>& known,
                                                   Declines declines = Declines::kNo);

}  // namespace ckptbench
