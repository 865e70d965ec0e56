// What can be known of a Python strategy by reading its file: its classes, the parameters of
// __init__, and what it claims to survive. A line reader, not a parser of Python: it knows `class`
// statements at the left margin, one `def __init__(…)` and one `survives = "…"` in the body.
// Plain functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/observer.h"
#include "harness/core/params.h"

namespace ckptbench {

struct PythonClass {
  std::string name;
  std::string summary;                    // first line of the docstring
  std::string source;                     // first URL of the docstring
  Survives survives = {.process = true};  // class attribute `survives`, default "process"
  std::vector<ParamInfo> params;          // of __init__, without self and directory
};

// The classes of a file, in its order. Error: the file cannot be read.
Result<std::vector<PythonClass>> read_python_classes(const std::string& path);

}  // namespace ckptbench
