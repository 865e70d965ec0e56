#include "harness/cli/suite_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "harness/core/near_names.h"
#include "harness/platform/files.h"
#include "harness/platform/installation.h"
#include "harness/suite/suite.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kKnownFailures = "known_failures";

std::string shipped_folder() {
  return shipped_path("suites", CKPT_SUITES);
}

std::vector<std::string> shipped_names() {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(shipped_folder(), none)) {
    const bool suite = entry.path().stem() != kKnownFailures;
    if (suite && entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

SuiteFile read_suite_file(const std::string& name) {
  const bool file = name.find('/') != std::string::npos || name.ends_with(".toml");
  const auto names = shipped_names();
  if (!file && std::find(names.begin(), names.end(), name) == names.end()) {
    throw ExitError(ExitCode::kUsage, unknown_name("suite", name, names));
  }
  const std::string path = file ? name : shipped_folder() + "/" + name + ".toml";
  auto text = read_file(path, 16ULL << 20);
  if (!text) throw ExitError(ExitCode::kUsage, text.error().message);
  return {path, std::move(text).value()};
}

std::vector<KnownFailure> shipped_known_failures() {
  const std::string path = fmt::format("{}/{}.toml", shipped_folder(), kKnownFailures);
  auto text = read_file(path, 16ULL << 20);
  if (!text) throw ExitError(ExitCode::kEnvironment, text.error().message);
  auto known = parse_known_failures(text.value(), path);
  if (!known) throw ExitError(ExitCode::kEnvironment, known.error().message);
  return std::move(known).value();
}

}  // namespace ckptbench
