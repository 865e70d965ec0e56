// Whether a trial failed for want of room and not of the strategy. Reads the trial's files, so
// while they are there; no thread rule.
#pragma once

#include <cstdint>
#include <string>

#include "harness/core/verdict.h"

namespace ckptbench {

// Of a trial, or an undisturbed run, in `folder`: HARNESS-ERROR in place of any but a good verdict,
// where a save or a job has failed and no more than two states were free at some time
// (`least_bytes`): a strategy may write its whole state beside what it is about to replace.
// `state_bytes` 0: unknown, which counts as small.
Verdict unless_no_room(Verdict verdict, const std::string& folder, uint64_t least_bytes,
                       uint64_t state_bytes);

}  // namespace ckptbench
