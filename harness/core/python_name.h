// The names of Python strategies: "python:FILE.py:Class", and those of the shipped ones. Any
// thread.
#pragma once

#include <string_view>

namespace ckptbench {

inline constexpr std::string_view kPythonPrefix = "python:";

constexpr bool is_python_strategy(std::string_view name) {
  return name.starts_with(kPythonPrefix);
}

}  // namespace ckptbench
