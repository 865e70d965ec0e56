#include "harness/cli/terminal_style.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace ckptbench {
namespace {

constexpr size_t kUsualColumns = 80;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

bool can_rewrite_lines(int fd) {
  const std::string_view term = variable("TERM");
  return ::isatty(fd) == 1 && !term.empty() && term != "dumb";
}

TerminalStyle style_of(int fd) {
  TerminalStyle style;
  // https://no-color.org: any value but the empty one.
  style.colour = can_rewrite_lines(fd) && variable("NO_COLOR").empty();
  if (::isatty(fd) != 1) return style;
  winsize size{};
  const bool known = ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  style.width = known ? size.ws_col : kUsualColumns;
  return style;
}

TerminalStyle style_of_stdout() {
  return style_of(STDOUT_FILENO);
}

}  // namespace ckptbench
