// How a row was measured, in words: its pairs, what ended them, and what its probes were. Pure
// functions.
#pragma once

#include <string>
#include <vector>

#include "results/result_rows.h"

namespace ckptbench {

// Lines without a newline, none empty. Of one process it is one line; of several, each kind of
// probes has its own, which counts the processes that kept each shape.
std::vector<std::string> measurement_lines(const ResultRow& row);

}  // namespace ckptbench
