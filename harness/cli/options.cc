#include "harness/cli/options.h"

namespace ckptbench {

std::string shell_quoted(const std::string& text) {
  const std::string plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string Options::command_line() const {
  const std::string name = program.empty() ? "ckptbench" : shell_quoted(program);
  return worker.empty() ? name : name + " --worker " + shell_quoted(worker);
}

}  // namespace ckptbench
