// What can be known of a Python strategy by reading its file: its classes, the parameters of
// __init__, what it claims to survive, and whether it works in the background. A line reader, not a
// parser of Python: it knows `class` statements at the left margin and, in the body, `def NAME(`,
// `survives = "…"` and `background = True`.
// Plain functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/observer.h"
#include "harness/core/params.h"

namespace ckptbench {

struct PythonMethod {
  std::string name;
  uint64_t line = 0;                    // of its `def`, from 1
  std::vector<std::string> parameters;  // as written, `self` among them; defaults without strings
  bool decorated = false;               // its parameters may not be those that a caller sees
};

struct PythonClass {
  std::string name;
  std::string summary;                    // first line of the docstring
  std::string source;                     // first URL of the docstring
  Survives survives = {.process = true};  // class attribute `survives`, default "process"
  std::string claim_error;                // not empty: what is wrong with `survives`
  bool background = false;                // class attribute `background`
  std::vector<PythonMethod> methods;      // defined in the class's own body
  std::vector<std::string> bases;         // as written
  std::vector<ParamInfo> params;          // of __init__, without self and directory
};

// The classes of a file, in its order. Error: the file cannot be read.
Result<std::vector<PythonClass>> read_python_classes(const std::string& path);

}  // namespace ckptbench
