#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "harness/cli/commands.h"
#include "results/page/report_files.h"
#include "results/terminal.h"

namespace ckptbench {
namespace {

// https://no-color.org: any value but the empty one; TERM=dumb has no colours either.
bool wants_colour() {
  const char* none = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return (none == nullptr || *none == 0) && (term == nullptr || std::string_view(term) != "dumb");
}

TerminalStyle style_of_stdout() {
  TerminalStyle style;
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  style.colour = terminal && wants_colour();
  winsize size{};
  if (terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = size.ws_col;
  }
  return style;
}

}  // namespace

void print_report(const std::string& directory) {
  const auto input = load_results(directory);
  if (!input) throw ExitError(ExitCode::kEnvironment, input.error().message);
  fmt::print("{}", terminal_report(input.value(), style_of_stdout()));
  const auto files = write_report(input.value(), directory, {CKPT_PYTHON, CKPT_CHART_SCRIPT});
  if (!files) throw ExitError(ExitCode::kEnvironment, files.error().message);
  for (const std::string& warning : files.value().warnings) {
    fmt::print(stderr, "ckptbench: {}\n", warning);
  }
  fmt::print("report: {}\n", files.value().html);
}

ExitCode report_command(const Options& options) {
  print_report(options.directory);
  return ExitCode::kOk;
}

}  // namespace ckptbench
