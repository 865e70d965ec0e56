#include "harness/run/cell_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "harness/core/error.h"
#include "harness/platform/files.h"
#include "harness/platform/folder_copy.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

// So that a kept job can be run by hand.
Status rename_in(const std::string& file, const std::string& from, const std::string& to) {
  auto text = read_file(file);
  if (!text) return text.error();
  replace_all(text.value(), from, to);
  return write_file_atomically(file, text.value(), Sync::kNo);
}

}  // namespace

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

CellFolder::CellFolder(std::string path) : path_(std::move(path)) {
  make_empty(path_);
}

void CellFolder::make_empty(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (!error) fs::create_directories(path, error);
  if (error) {
    throw ExitError(ExitCode::kEnvironment, fmt::format("{}: {}", path, error.message()));
  }
}

CellFolder::~CellFolder() {
  if (kept_) return;
  // What cannot be removed stays visible; the next run of this cell says why.
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void CellFolder::keep_at(const std::string& path) {
  kept_ = path == path_;
  if (kept_) return;
  std::error_code error;
  fs::remove_all(path, error);
  if (!error) fs::create_directories(path, error);
  const Status copied = error ? Error{error.message()} : copy_folder(path_, path);
  if (!copied) {
    throw ExitError(ExitCode::kEnvironment, fmt::format("{}: cannot be kept as {}: {}", path_, path,
                                                        copied.error().message));
  }
  for (const auto& entry : fs::directory_iterator(path)) {
    if (!entry.path().string().ends_with(".job.json")) continue;
    const Status status = rename_in(entry.path().string(), path_ + "/", path + "/");
    if (!status) throw ExitError(ExitCode::kEnvironment, status.error().message);
  }
}

}  // namespace ckptbench
