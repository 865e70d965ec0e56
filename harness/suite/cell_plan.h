// Suite -> cells, in a stable order: groups as written, then workload × strategy × seed × threads ×
// fault. Ids are readable, safe as file names, and the same for the same suite and seed. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/core/error.h"
#include "harness/suite/suite.h"

namespace ckptbench {

// What the command line puts in place of what the suite says.
struct PlanOverrides {
  std::vector<Selection> workloads;   // not empty: in every group, instead of its own
  std::vector<Selection> strategies;  // not empty: in every group, instead of its own
  std::optional<uint64_t> seed;       // instead of the suite's seed and of every `seeds`
};

// Two identical cells are an error that names both lines, unless overrides made them so: then the
// first stands for both. `kinds`: those that the suite was read with.
Result<std::vector<Cell>> make_plan(const Suite& suite, const PlanOverrides& overrides = {},
                                    const FaultKinds& kinds = fault_kinds());

}  // namespace ckptbench
