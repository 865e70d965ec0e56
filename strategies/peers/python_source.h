// What can be known of a Python strategy by reading its file: its classes, the parameters of
// __init__, what it claims to survive, whether it works in the background and may skip saves. A
// line reader, not a parser of Python: it knows `class` statements at the left margin and, in the
// body, `def NAME(`, `survives = "…"`, `background = True` and `may_skip = True`. What a class does
// not say itself it has from its bases above it in the same file, the first of them before the
// second; bases from elsewhere are not seen. Plain functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
  std::string summary;                // first line of the docstring
  std::string source;                 // first URL of the docstring
  std::optional<Survives> survives;   // class attribute `survives`; absent: "process"
  std::string claim_error;            // not empty: what is wrong with `survives`
  std::optional<bool> background;     // class attribute `background`; absent: False
  std::optional<bool> may_skip;       // class attribute `may_skip`; absent: False
  std::vector<PythonMethod> methods;  // of the class's own body, then those of its bases
  std::vector<std::string> bases;     // as written
  std::vector<ParamInfo> params;      // of __init__, without self and directory
};

// Null: neither the class nor a base in its file defines it.
const PythonMethod* find_method(const PythonClass& in, std::string_view name);

// The classes of a file, in its order. Error: the file cannot be read.
Result<std::vector<PythonClass>> read_python_classes(const std::string& path);

}  // namespace ckptbench
