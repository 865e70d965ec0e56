#include "harness/judge/ending.h"

#include <csignal>

#include "harness/core/error.h"

namespace ckptbench {
namespace {

bool ran(const ProcessEnd& end) {
  return end.exited || end.signal != 0 || end.timed_out || end.over_limit;
}

bool speaks_for_the_harness(const ProcessEnd& end) {
  return end.exited && (end.exit_code == static_cast<int>(ExitCode::kUsage) ||
                        end.exit_code == static_cast<int>(ExitCode::kHarness) ||
                        end.exit_code == static_cast<int>(ExitCode::kEnvironment));
}

}  // namespace

Ending trained_ending(const TrialEvidence& evidence, const JournalFacts& facts) {
  const ProcessEnd& end = evidence.trained;
  if (end.timed_out) return Ending::kDeadline;
  if (end.over_limit || !ran(end) || speaks_for_the_harness(end)) return Ending::kHarness;
  if (facts.ended) return Ending::kInOrder;
  if (end.signal == SIGKILL) {
    // Every fault writes its evidence before it kills: without it, another process did.
    return evidence.fault.fired || evidence.trained_by_fault ? Ending::kFault : Ending::kHarness;
  }
  // The worker exits with 1 where the strategy threw, and with 0 at its end alone; all else needs a
  // save that could have done it.
  const bool own = end.exited && (end.exit_code == static_cast<int>(ExitCode::kNotAllowed) ||
                                  end.exit_code == static_cast<int>(ExitCode::kOk));
  return own || !facts.requested.empty() ? Ending::kStrategy : Ending::kHarness;
}

Ending silent_recovery_ending(const ProcessEnd& end) {
  if (end.timed_out) return Ending::kDeadline;
  if (end.over_limit || !ran(end) || speaks_for_the_harness(end)) return Ending::kHarness;
  return end.signal == SIGKILL ? Ending::kHarness : Ending::kStrategy;
}

}  // namespace ckptbench
