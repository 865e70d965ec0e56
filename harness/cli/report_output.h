// The report of a results folder: table on stdout, report files into the folder. Blocks while
// charts are drawn; one thread.
#pragma once

#include <string>

#include "results/report_input.h"

namespace ckptbench {

// Throws ExitError: kUsage for no such folder, kEnvironment for damaged files.
ReportInput read_results(const std::string& directory);
// Says where report.html is. Throws ExitError(kEnvironment) where a file cannot be written.
void print_report(const ReportInput& input, const std::string& directory);

}  // namespace ckptbench
