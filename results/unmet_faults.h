// Strategies that no fault of a run ever met, or none at a file operation: those trials prove
// nothing, however many there are.
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
  std::string why;               // of the first
  bool file_operations = false;  // none of these alone: another fault met it
};

// Of each strategy and workload of which every trial with a fault is NOT-APPLICABLE, then of each
// of which every trial at a file operation is; each in order of appearance.
std::vector<UnmetFaults> unmet_faults(const std::vector<Record>& records);

// "sync on digits-mlp: no fault met it: 8 trials are NOT-APPLICABLE: …"; of file operations alone
// with what to do.
std::string unmet_text(const UnmetFaults& unmet);

}  // namespace ckptbench
