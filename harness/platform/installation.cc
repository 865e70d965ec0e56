#include "harness/platform/installation.h"

#include <cstdlib>
#include <filesystem>

namespace ckptbench {

namespace fs = std::filesystem;

std::string program_folder() {
  return fs::read_symlink("/proc/self/exe").parent_path().string();
}

std::string shipped_path(const std::string& name, const std::string& source) {
  const fs::path installed =
      fs::path(program_folder()).parent_path() / "share" / "ckptbench" / name;
  std::error_code error;
  return fs::exists(installed, error) ? installed.string() : source;
}

std::string python_program(const std::string& configured) {
  const char* chosen = std::getenv("CKPT_PYTHON");
  if (chosen != nullptr && *chosen != '\0') return chosen;
  std::error_code error;
  return fs::exists(configured, error) ? configured : "python3";
}

}  // namespace ckptbench
