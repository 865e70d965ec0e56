#include "harness/cli/terminal_style.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace ckptbench {
namespace {

// https://no-color.org: any value but the empty one; TERM=dumb has no colours either.
bool wants_colour() {
  const char* none = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return (none == nullptr || *none == 0) && (term == nullptr || std::string_view(term) != "dumb");
}

}  // namespace

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

}  // namespace ckptbench
