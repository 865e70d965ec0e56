#include "harness/run/cell_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "harness/core/error.h"
#include "harness/platform/files.h"

namespace ckptbench {

CellFolder::CellFolder(std::string path) : path_(std::move(path)) {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
  if (!error) std::filesystem::create_directories(path_, error);
  if (error) {
    throw ExitError(ExitCode::kEnvironment, fmt::format("{}: {}", path_, error.message()));
  }
}

CellFolder::~CellFolder() {
  if (kept_) return;
  // What cannot be removed stays visible; the next run of this cell says why.
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string log_tail(const std::string& path) {
  constexpr size_t kTail = 300;
  const auto text = read_file(path);
  if (!text) return text.error().message;
  std::string tail = text.value();
  if (tail.size() > kTail) tail = "…" + tail.substr(tail.size() - kTail);
  while (!tail.empty() && tail.back() == '\n') tail.pop_back();
  std::replace(tail.begin(), tail.end(), '\n', ' ');
  return tail.empty() ? "its log is empty" : tail;
}

}  // namespace ckptbench
