// For tests: a real terminal of a given size, and what a program writes to it; and an environment
// variable for a while. Threads: one at a time.
#pragma once

#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>

#include "harness/platform/unique_fd.h"

namespace ckptbench {

class PseudoTerminal {
 public:
  // 0 columns: it does not say how wide it is.
  explicit PseudoTerminal(unsigned short columns) {
    const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    int reader = -1;
    int program = -1;
    if (::openpty(&reader, &program, nullptr, nullptr, &size) != 0) {
      throw std::runtime_error("no pseudo-terminal");
    }
    reader_ = UniqueFd(reader);
    termios plain{};
    ::tcgetattr(program, &plain);
    ::cfmakeraw(&plain);  // what is read is what was written
    ::tcsetattr(program, TCSANOW, &plain);
    file_ = ::fdopen(program, "w");
  }
  ~PseudoTerminal() {
    if (file_ != nullptr) std::fclose(file_);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  // The program's end.
  std::FILE* file() { return file_; }
  int fd() { return ::fileno(file_); }

  // Closes the program's end. All that was written to it: a terminal's buffer of it.
  std::string written() {
    std::fclose(file_);
    file_ = nullptr;
    std::string text;
    char some[4096];
    for (ssize_t got = 0; (got = ::read(reader_.get(), some, sizeof some)) > 0;) {
      text.append(some, static_cast<size_t>(got));
    }
    return text;
  }

 private:
  UniqueFd reader_;
  std::FILE* file_ = nullptr;
};

// nullptr: not set.
class VariableForATest {
 public:
  VariableForATest(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~VariableForATest() { set(before_ ? before_->c_str() : nullptr); }
  VariableForATest(const VariableForATest&) = delete;
  VariableForATest& operator=(const VariableForATest&) = delete;

 private:
  void set(const char* value) { value == nullptr ? ::unsetenv(name_) : ::setenv(name_, value, 1); }

  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace ckptbench
