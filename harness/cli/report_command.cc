#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "harness/cli/commands.h"
#include "results/report.h"

namespace ckptbench {
namespace {

TableStyle style_of_stdout() {
  TableStyle style;
  style.colour = ::isatty(STDOUT_FILENO) == 1;
  winsize size{};
  if (style.colour && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = size.ws_col;
  }
  return style;
}

}  // namespace

void print_report(const std::string& directory) {
  const auto input = load_results(directory);
  if (!input) throw ExitError(ExitCode::kEnvironment, input.error().message);
  fmt::print("{}", terminal_table(input.value(), style_of_stdout()));
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
