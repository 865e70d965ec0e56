// Python strategies by name: "python:FILE.py:Class" for a user's own class, "python:torch_save" and
// the like for the shipped ones (strategies/peers/python/). Names and parameters are checked by
// reading the file's text; no interpreter is started before make_python.
//
// A class is constructed as Class(directory, **params) and has save(state, step), wait() and
// restore(); docs/python-strategies.md is the contract. Any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "strategies/api/strategy.h"

namespace ckptbench {

bool is_python_spec(const std::string& name);

// Whether this installation can run them: the bridge stands beside the program.
bool has_python_bridge();

// The shipped classes; their parameters are those of __init__.
std::vector<StrategyInfo> shipped_python_infos();

// Errors: no such file, or no such class in it; near names among `known` and the file's classes.
Result<StrategyInfo> user_python_info(const std::string& name,
                                      const std::vector<std::string>& known);

// REQUIRES: info is the row of selection.name. Loads into this process all that make_python would
// load, and makes nothing: what is used from then on is the strategy's own.
Status preload_python(const Selection& selection, const StrategyInfo& info);
// Mistakes that reading the file of a user's class shows, before anything runs: in the file, and in
// what its __init__ is given. Fine for every name that is not a user's, or whose file is not there.
Status check_python_spec(const std::string& name);
Status check_python_params(const Selection& selection);

// REQUIRES: info is the row of selection.name. Starts the interpreter of this process on first use.
// Errors: a parameter that __init__ does not name; the bridge, torch or the class cannot be loaded;
// more than one rank.
Result<std::unique_ptr<Strategy>> make_python(const Selection& selection, const StrategyInfo& info,
                                              const StrategyContext& context);

}  // namespace ckptbench
