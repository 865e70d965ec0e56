// What every command of ckptbench takes, and how to print a command that can be called again. Plain
// values; one per process.
#pragma once

#include <string>

namespace ckptbench {

struct Options {
  std::string worker;   // path; empty: beside ckptbench
  std::string program;  // as it can be called again

  // "ckptbench" with these options, to be followed by a command.
  std::string command_line() const;
};

// As one word for a shell.
std::string shell_quoted(const std::string& text);

}  // namespace ckptbench
