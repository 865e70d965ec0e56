// Mistakes in a user's Python strategy that reading its file shows: a syntax error, a missing
// class, required method or module, a method that cannot take what it is given. Asks the Python
// with torch, which parses the file and does not run it
// (strategies/peers/python/strategy_check.py). Blocks for tens of milliseconds; any thread.
#pragma once

#include <string>

#include "harness/core/error.h"
#include "harness/core/params.h"

namespace ckptbench {

// Error: the first mistake, "FILE:LINE: …", or why it could not be looked for.
Status check_python_class(const std::string& file, const std::string& class_name);
// REQUIRES: check_python_class succeeded. Error: an argument of __init__ that has no default and is
// not `given`. Asks no Python.
Status check_python_arguments(const std::string& file, const std::string& class_name,
                              const ParamText& given);

}  // namespace ckptbench
