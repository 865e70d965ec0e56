#include "fuzz/seed_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "harness/platform/files.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

const std::string& source_folder() {
  static const std::string folder = CKPT_SOURCE_DIR;
  return folder;
}

}  // namespace

FolderContent folder_content(const std::string& path) {
  FolderContent content;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    Result<std::string> bytes = read_file(entry.path().string());
    if (!bytes) throw std::runtime_error(bytes.error().message);
    content[entry.path().filename().string()] = std::move(bytes).value();
  }
  return content;
}

std::vector<FolderContent> golden_folders() {
  std::vector<std::string> folders;
  for (const auto& version :
       fs::directory_iterator(source_folder() + "/strategies/format/golden")) {
    for (const auto& folder : fs::directory_iterator(version)) folders.push_back(folder.path());
  }
  std::sort(folders.begin(), folders.end());
  std::vector<FolderContent> contents;
  for (const std::string& folder : folders) contents.push_back(folder_content(folder));
  if (contents.empty()) throw std::runtime_error("no golden checkpoints");
  return contents;
}

FolderContent shipped_suites() {
  return folder_content(source_folder() + "/suites");
}

FolderContent regression_inputs(const std::string& target) {
  const std::string folder = fmt::format("{}/fuzz/regressions/{}", source_folder(), target);
  return fs::exists(folder) ? folder_content(folder) : FolderContent();
}

}  // namespace ckptbench
