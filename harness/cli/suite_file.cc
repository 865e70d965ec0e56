#include "harness/cli/suite_file.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "harness/core/near_names.h"
#include "harness/platform/files.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

std::string shipped_folder() {
  const fs::path beside =
      fs::read_symlink("/proc/self/exe").parent_path() / "../share/ckptbench/suites";
  return fs::exists(beside) ? beside.string() : CKPT_SUITES;
}

std::vector<std::string> shipped_names() {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(shipped_folder(), none)) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

SuiteSource read_suite_file(const std::string& name) {
  const bool file = name.find('/') != std::string::npos || name.ends_with(".toml");
  const auto names = shipped_names();
  if (!file && std::find(names.begin(), names.end(), name) == names.end()) {
    throw ExitError(ExitCode::kUsage, unknown_name("suite", name, names));
  }
  const std::string path = file ? name : shipped_folder() + "/" + name + ".toml";
  auto text = read_file(path, 16ULL << 20);
  if (!text) throw ExitError(ExitCode::kUsage, text.error().message);
  return {path, std::move(text).value(), 0};
}

}  // namespace ckptbench
