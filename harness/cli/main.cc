// ckptbench: plans cells, runs them in worker processes, judges and reports. docs/design.md.
#include <cstdio>
#include <exception>
#include <system_error>

#include "harness/cli/commands.h"

namespace ckptbench {
namespace {

ExitCode run(int count, char** arguments) {
  const auto options = parse_options(count, arguments);
  if (!options) return ExitCode::kOk;
  if (options->command == Options::Command::kReport) return report_command(*options);
  if (options->command == Options::Command::kExplain) return explain_command(*options);
  const Interrupt interrupt;
  switch (options->command) {
    case Options::Command::kRun:
      return run_command(*options, interrupt);
    case Options::Command::kList:
      return list_command(*options, interrupt);
    case Options::Command::kReplay:
      return replay_command(*options, interrupt);
    case Options::Command::kSelftest:
      return selftest_command(*options, interrupt);
    case Options::Command::kReport:
    case Options::Command::kExplain:
      break;
  }
  return ExitCode::kOk;
}

}  // namespace
}  // namespace ckptbench

int main(int count, char** arguments) {
  using ckptbench::ExitCode;
  try {
    return static_cast<int>(ckptbench::run(count, arguments));
  } catch (const ckptbench::ExitError& error) {
    std::fprintf(stderr, "ckptbench: %s\n", error.what());
    return static_cast<int>(error.code());
  } catch (const std::system_error& error) {
    const bool closed = error.code() == std::errc::broken_pipe;
    std::fprintf(stderr, "ckptbench: %s\n",
                 closed ? "standard output was closed; finished cells are kept" : error.what());
    return static_cast<int>(ExitCode::kHarness);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ckptbench: unexpected: %s\n", error.what());
    return static_cast<int>(ExitCode::kHarness);
  }
}
