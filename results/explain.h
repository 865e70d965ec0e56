// Where the stall of a row comes from: its parts, the largest first, with the evidence, and what
// would lower them. Pure functions.
#pragma once

#include <cstddef>
#include <string>

#include "harness/core/error.h"
#include "results/result_rows.h"

namespace ckptbench {

// `wanted`: the number of a measured row, from 1, or a part of "workload strategy"; empty: all
// rows. Errors: no row was measured; none is meant (the rows are listed). `width`: columns of the
// terminal.
Result<std::string> explain_stall(const ResultRows& results, const std::string& wanted,
                                  size_t width);

}  // namespace ckptbench
