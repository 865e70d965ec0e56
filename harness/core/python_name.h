// The names of Python strategies: "python:FILE.py:Class", and those of the shipped ones. Any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ckptbench {

inline constexpr std::string_view kPythonPrefix = "python:";

constexpr bool is_python_strategy(std::string_view name) {
  return name.starts_with(kPythonPrefix);
}

// The file of "python:FILE.py:Class"; nothing for a shipped strategy or one that is not Python.
inline std::optional<std::string> user_file(std::string_view name) {
  const size_t end = name.rfind(".py:");
  if (!is_python_strategy(name) || end == std::string_view::npos) return std::nullopt;
  return std::string(name.substr(kPythonPrefix.size(), end + 3 - kPythonPrefix.size()));
}

// Set for a worker: the folder with the sources of users' files that are absent here, from the
// results of an earlier run.
inline constexpr const char* kStoredSourcesVariable = "CKPT_STORED_SOURCES";

// Where the source of a user's file lies in such a folder.
inline std::string stored_source_path(const std::string& folder, std::string_view file) {
  return folder + "/" + std::string(file.substr(file.rfind('/') + 1));
}

}  // namespace ckptbench
