#include "harness/cli/results_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/near_names.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> results_beside(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code none;
  const fs::path parent = directory.has_parent_path() ? directory.parent_path() : ".";
  for (const auto& entry : fs::directory_iterator(parent, none)) {
    if (fs::exists(entry.path() / "environment.json", none)) {
      names.push_back((directory.parent_path() / entry.path().filename()).string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

// A results.jsonl alone and without a record is of a run that did not begin, or that begins now and
// has locked it.
bool holds_results(const fs::path& directory) {
  std::error_code none;
  if (fs::exists(directory / "environment.json", none)) return true;
  const uintmax_t bytes = fs::file_size(directory / "results.jsonl", none);
  return !none && bytes > 0;
}

}  // namespace

std::string nearest_existing(const std::string& path) {
  std::error_code error;
  fs::path found = fs::absolute(path);
  while (!fs::exists(found, error) && found.has_relative_path()) found = found.parent_path();
  return found.string();
}

void check_out_folder(const std::string& out) {
  const std::string there = nearest_existing(out);
  std::error_code error;
  if (fs::is_directory(there, error)) return;
  throw ExitError(ExitCode::kUsage,
                  fmt::format("--out: {} is a file; expected a folder, or a new name", there));
}

void check_results_folder(const std::string& directory, const std::string& file) {
  std::error_code none;
  fs::path path(directory);
  if (fs::exists(path / file, none)) return;
  if (!path.has_filename()) path = path.parent_path();  // "DIR/"
  std::string why = fmt::format("{}: has no {}", directory, file);
  if (!fs::exists(path, none)) {
    why = fmt::format("{}: does not exist", directory);
    const std::vector<std::string> beside = results_beside(path);
    if (!beside.empty()) why += ": " + unknown_name("results folder", path.string(), beside);
  }
  throw ExitError(ExitCode::kUsage, why + "; expected the folder of an earlier run");
}

std::string make_results_folder(const std::string& out, const std::string& name,
                                const std::string& expected) {
  const std::string path = !out.empty() ? out
                                        : fmt::format("{}/{}-{:%Y%m%dT%H%M%SZ}", kResultsParent,
                                                      name, fmt::gmtime(std::time(nullptr)));
  std::error_code error;
  check_out_folder(path);
  if (holds_results(path)) {
    throw ExitError(ExitCode::kUsage,
                    fmt::format("{}: holds the results of a run; expected {}", path, expected));
  }
  fs::create_directories(path, error);
  if (error) throw ExitError(ExitCode::kEnvironment, fmt::format("{}: {}", path, error.message()));
  return fs::canonical(path).string();
}

RecordStore open_store(const std::string& out) {
  auto store = RecordStore::open(out + "/results.jsonl");
  if (!store) throw ExitError(ExitCode::kEnvironment, store.error().message);
  return std::move(store).value();
}

}  // namespace ckptbench
