// The process's one CPython interpreter, started on first use with the venv's python and torch
// imported, and never ended: such a process leaves by _exit. Between calls no thread holds the GIL,
// which autograd in C++ requires.
//
// Threads: start_python and PythonScope from the training thread of a process. A process forked
// after the start may use it too, if its parent had no Python threads.
#pragma once

#include <torch/csrc/utils/pybind.h>

#include <string>

#include "harness/core/error.h"

namespace ckptbench {

// Errors: the interpreter does not start, or torch cannot be imported.
Status start_python();

// Holds the GIL. REQUIRES: start_python succeeded in this process or in the one it was forked from.
class PythonScope {
 public:
  PythonScope();
  PythonScope(const PythonScope&) = delete;
  PythonScope& operator=(const PythonScope&) = delete;

 private:
  pybind11::gil_scoped_acquire gil_;
};

// Imports a module, so that children forked later have it. Not an error: Python has no such module,
// or lacks one that it needs. REQUIRES: start_python succeeded.
Status import_if_there(const char* name);

// The last line of Python's message, and where it left the user's file, if it came through there:
// "KeyError: 'sate' (mine.py:14, in save)". `file`: as it was loaded; empty: none. REQUIRES: the
// GIL is held.
std::string python_message(pybind11::error_already_set& error, const std::string& file = "");

}  // namespace ckptbench
