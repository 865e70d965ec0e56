// ckptbench: plans cells, runs them in worker processes, judges and reports. docs/design.md.
#include <cstdio>
#include <exception>
#include <optional>
#include <system_error>

#include "harness/cli/command_line.h"
#include "harness/platform/interrupt.h"
#include "harness/run/worker_program.h"

namespace ckptbench {
namespace {

ExitCode run(int count, char** arguments) {
  const auto line = parse_command_line(count, arguments);
  if (!line) return ExitCode::kOk;
  std::optional<Interrupt> interrupt;
  if (line->interruptible) interrupt.emplace();
  try {
    return line->body({line->options, interrupt ? interrupt->fd() : -1});
  } catch (const Interrupted&) {
    std::puts("interrupted");
    return ExitCode::kHarness;
  }
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
