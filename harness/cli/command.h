// A command of ckptbench as one row beside its code. Help, parser and main read the row; none of
// them knows a command by name. Adding a command touches its own file and command_list.cc.
// Plain values; no thread rule.
#pragma once

#include <functional>
#include <string_view>

#include "harness/cli/options.h"
#include "harness/core/error.h"

namespace CLI {
class App;
}

namespace ckptbench {

struct CommandCall {
  const Options& options;
  int interrupt_fd = -1;  // readable once the user has interrupted; -1: never
};
// Returns the exit code of the process, or throws ExitError or Interrupted.
using CommandBody = std::function<ExitCode(const CommandCall&)>;

struct CommandRow {
  std::string_view name;
  std::string_view summary;  // one line
  // Adds what the command takes to `app`. The body that is returned owns the parsed values.
  CommandBody (*add_options)(CLI::App& app);
  // SIGINT and SIGTERM are seen by interrupt_fd, so that no worker is left. Otherwise they end the
  // process.
  bool interruptible = true;
};

}  // namespace ckptbench
