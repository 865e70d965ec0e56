// The records of a run as JUnit XML, for programs that keep a history of tests. Names are those of
// the cells, and of the points of a sweep as they were asked for: equal runs have equal names. What
// was measured, a position for example, stands in the body. Pure function.
#pragma once

#include <string>

#include "results/report_input.h"

namespace ckptbench {

// A verdict that is not allowed is a failure. What is inconclusive, and a planned cell without a
// finished record, is an error, and so is a broken strategy that was not found out: a job that
// reads this file alone is not green. Known failures, cases that do not apply and ends of sweeps
// are skipped.
std::string to_junit(const ReportInput& input);

}  // namespace ckptbench
