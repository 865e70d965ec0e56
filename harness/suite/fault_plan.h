// The faults of one workload × strategy of a group: products written out, samples drawn. The draw
// is seeded with the suite's seed and the cell's name, so that adding a cell elsewhere in the suite
// changes none of the others. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/cell.h"
#include "harness/suite/suite.h"

namespace ckptbench {

struct NamedFault {
  std::string
      name;  // "phase-write-before-1", "moment-1", "file_op-any-1-before"; safe in file names
  Fault fault;
};

// `stem` is the part of the id before the fault.
std::vector<NamedFault> plan_faults(const SuiteGroup& group, uint64_t seed,
                                    const std::string& stem);

}  // namespace ckptbench
