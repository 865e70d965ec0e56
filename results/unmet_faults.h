// Strategies that no fault of a run ever met: their trials prove nothing, however many there are.
// Pure functions over plain values.
#pragma once

#include <string>
#include <vector>

#include "harness/core/record.h"

namespace ckptbench {

struct UnmetFaults {
  Selection strategy;
  Selection workload;
  size_t trials = 0;
  std::string why;  // of the first
};

// Of each strategy and workload of which every trial with a fault is NOT-APPLICABLE; in order of
// appearance.
std::vector<UnmetFaults> unmet_faults(const std::vector<Record>& records);

// "sync on digits-mlp: no fault met it: 8 trials are NOT-APPLICABLE: …"
std::string unmet_text(const UnmetFaults& unmet);

}  // namespace ckptbench
