// The commands of ckptbench. Each returns the exit code of the process, or throws ExitError. One
// thread; `interrupt` is main's.
#pragma once

#include "harness/cli/options.h"
#include "harness/core/error.h"
#include "harness/platform/interrupt.h"

namespace ckptbench {

ExitCode run_command(const Options& options, const Interrupt& interrupt);
ExitCode list_command(const Options& options, const Interrupt& interrupt);
ExitCode replay_command(const Options& options, const Interrupt& interrupt);
// Exit code 3 where a broken strategy is found by none of the suites.
ExitCode selftest_command(const Options& options, const Interrupt& interrupt);
// The exit code of the run, as far as its records go.
ExitCode report_command(const Options& options);
ExitCode explain_command(const Options& options);

// Table on stdout and report files into `directory`; says where report.html is.
void print_report(const std::string& directory);

}  // namespace ckptbench
