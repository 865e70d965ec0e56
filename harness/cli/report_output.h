// The report of a results folder: table on stdout, report files into the folder. Blocks while
// charts are drawn; one thread.
#pragma once

#include <string>

#include "harness/core/error.h"
#include "results/report_input.h"

namespace ckptbench {

// Throws ExitError: kUsage for no such folder, kEnvironment for damaged files.
ReportInput read_results(const std::string& directory);
// Says where report.html is, or on stderr why it could not be written: then kEnvironment, and
// what else is known of the run is still to be printed.
ExitCode print_report(const ReportInput& input, const std::string& directory);

}  // namespace ckptbench
