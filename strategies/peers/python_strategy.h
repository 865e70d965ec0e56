// A Python object as a Strategy. It is handed the very tensors that C++ trains (same storage), and
// what it raises becomes a Failed save or a Refused restore. docs/python-strategies.md.
//
// Owned by the worker; the training thread only. Python's own threads run while training holds no
// GIL. wait() cannot be interrupted: it may overrun its deadline, and a class whose wait() hangs is
// found by the process's deadline.
#pragma once

#include <memory>

#include "strategies/peers/python_bridge.h"

namespace ckptbench {

// Runs the file of the class. REQUIRES: start_python succeeded.
Status import_python_class(const PythonRequest& request);

Result<std::unique_ptr<Strategy>> make_python_strategy(const PythonRequest& request,
                                                       const StrategyContext& context);

}  // namespace ckptbench
