// The report as text for a terminal. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "results/report_input.h"

namespace ckptbench {

struct TerminalStyle {
  bool colour = false;  // ANSI colours; the caller checks that the output is a terminal
  size_t width = 120;   // columns
};
// Costs in sections of equal claims, verdicts per strategy × workload, the answer, then what went
// wrong, then warnings. Columns without room are named beneath their table.
std::string terminal_report(const ReportInput& input, const TerminalStyle& style);

}  // namespace ckptbench
