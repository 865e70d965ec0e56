// The harness's proof of itself: each deliberately broken strategy of a run must have been found
// out with the verdict that strategies/broken/broken_list.h declares. Pure.
#pragma once

#include <string>
#include <vector>

#include "harness/core/record.h"

namespace ckptbench {

struct ProofRow {
  std::string strategy;
  std::string expected;  // "DIVERGED(rng)", "BIT-EXACT +LEAK"
  std::string got;       // the verdict that matches, or the last one seen
  bool caught = false;
};
// One row per broken strategy that the records name in a trial or sweep. Only a trial with the
// declared fault counts; where there is none, the row is not caught and says so.
std::vector<ProofRow> prove(const std::vector<Record>& records);

}  // namespace ckptbench
