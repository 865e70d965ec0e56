// The interface between ckpt_peers, which has no Python in it, and ckpt_python_bridge.so, which
// embeds it and is loaded only when a Python strategy is made: libtorch_python and libpython would
// slow the start and the fork of every other trial. Both sides are built together; this is no
// public ABI.
#pragma once

#include <string>
#include <vector>

#include "strategies/api/strategy.h"

namespace ckptbench {

struct PythonArgument {
  std::string name;
  ParamType type = ParamType::kText;
  std::string value;
};

struct PythonRequest {
  std::string name;  // the spec, for messages
  std::string file;  // absolute
  std::string class_name;
  Survives survives;
  bool background = false;
  bool may_skip = false;
  bool retains = false;
  std::vector<PythonArgument> arguments;
};

inline constexpr const char* kPythonBridgeFile = "ckpt_python_bridge.so";
inline constexpr const char* kPythonFactoryName = "ckpt_make_python_strategy";

// nullptr: *error says why. The interpreter is started on the first call in a process, never ended:
// such a process leaves by _exit.
using PythonFactory = Strategy* (*)(const PythonRequest* request, const StrategyContext* context,
                                    std::string* error);

// Starts the interpreter and imports torch. False: *error says why.
inline constexpr const char* kPythonWarmName = "ckpt_warm_python";
using PythonWarm = bool (*)(std::string* error);

// Starts the interpreter, imports what warming imports and the class's own module; makes no object.
// False: *error says why.
inline constexpr const char* kPythonPreloadName = "ckpt_preload_python";
using PythonPreload = bool (*)(const PythonRequest* request, std::string* error);

}  // namespace ckptbench
