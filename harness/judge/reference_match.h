// Compares states by their component digests. Pure functions over plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "harness/core/digest.h"
#include "harness/judge/judge.h"

namespace ckptbench {

// The first component (in the order of Role) that differs or that only one side has.
std::optional<Role> first_difference(const ComponentDigests& a, const ComponentDigests& b);

struct Match {
  enum class Kind {
    kEqual,        // all components equal the reference of `step`, a candidate
    kUnrequested,  // all equal the reference of `step`, which is not a candidate
    kParameters,   // parameters equal that of `step`, a candidate; `component` departs first
    kNone,         // parameters equal no candidate
  };
  Kind kind = Kind::kNone;
  uint64_t step = 0;
  std::optional<Role> component;
};
// `candidates`: the steps that the state may be at, all below reference.steps.size(). Where several
// fit, the one that the strategy claims, else the one that departs latest in the order of Role,
// else the newest.
Match match_state(const Reference& reference, const ComponentDigests& state,
                  const std::set<uint64_t>& candidates, uint64_t claimed);

}  // namespace ckptbench
