// Known failures that a run has tried often enough and not met: their entries are to be removed.
// Pure.
#pragma once

#include <vector>

#include "harness/core/known_failure.h"
#include "harness/core/record.h"

namespace ckptbench {

struct FixedFailure {
  KnownFailure known;
  uint64_t trials = 0;  // of the strategy under that class of fault, all without it
};
std::vector<FixedFailure> fixed_failures(const std::vector<Record>& records,
                                         const std::vector<KnownFailure>& known);

}  // namespace ckptbench
