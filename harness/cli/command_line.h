// The command line of ckptbench, parsed by the rows of its commands. Plain values; one per process.
#pragma once

#include <optional>

#include "harness/cli/command.h"

namespace ckptbench {

struct CommandLine {
  Options options;
  CommandBody body;
  bool interruptible = true;
};

// Throws ExitError(kUsage), with near names of a mistyped command or option. Nothing: help or the
// version was asked for, and printed.
std::optional<CommandLine> parse_command_line(int count, const char* const* arguments);

}  // namespace ckptbench
