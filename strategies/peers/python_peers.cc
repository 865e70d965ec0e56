#include "strategies/peers/python_peers.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "harness/core/near_names.h"
#include "harness/core/python_name.h"
#include "harness/platform/comm.h"
#include "harness/platform/installation.h"
#include "strategies/peers/peer_list.h"
#include "strategies/peers/python_bridge.h"
#include "strategies/peers/python_check.h"
#include "strategies/peers/python_source.h"

namespace ckptbench {
namespace {

struct Shipped {
  std::string_view name;
  std::string_view file;
  std::string_view class_name;
};
constexpr std::array<Shipped, 5> kShipped{{
    {"python:torch_save", "torch_save.py", "TorchSave"},
    {"python:torch_save_durable", "torch_save_durable.py", "TorchSaveDurable"},
    {"python:safetensors", "safetensors_file.py", "Safetensors"},
    {"python:dcp", "dcp.py", "Dcp"},
    {"python:dcp_async", "dcp_async.py", "DcpAsync"},
}};

struct Location {
  std::string file;
  std::string class_name;
};

// The file as named; where that is absent, what an earlier run stored of it.
std::string present_file(std::string file) {
  const char* stored = std::getenv(kStoredSourcesVariable);
  if (stored == nullptr || std::filesystem::exists(file)) return file;
  return stored_source_path(stored, file);
}

// REQUIRES: a shipped name, or one with both parts ("python:FILE.py:Class").
Location locate(const std::string& name) {
  for (const Shipped& shipped : kShipped) {
    if (shipped.name == name) {
      return {shipped_path("python", CKPT_PYTHON_PEERS) + "/" + std::string(shipped.file),
              std::string(shipped.class_name)};
    }
  }
  const size_t colon = name.rfind(':');
  const std::string file = name.substr(kPythonPrefix.size(), colon - kPythonPrefix.size());
  return {present_file(file), name.substr(colon + 1)};
}

// Nothing: a name that is not a user's, or whose file cannot be read.
std::optional<Location> user_location(const std::string& name) {
  const bool shipped = std::any_of(kShipped.begin(), kShipped.end(),
                                   [&](const Shipped& row) { return row.name == name; });
  const bool both_parts = is_python_spec(name) && name.rfind(':') > kPythonPrefix.size();
  if (shipped || !both_parts || !has_python_bridge()) return std::nullopt;
  Location at = locate(name);
  if (at.class_name.empty() || ::access(at.file.c_str(), R_OK) != 0) return std::nullopt;
  return at;
}

// Without done() it would be unknown during training that a save in the background is durable. A
// save that is acknowledged by its return cannot have been skipped.
Status check_background(const std::string& name, const PythonClass& found) {
  const bool background = found.background.value_or(false);
  if (found.may_skip.value_or(false) && !background) {
    return Error{name + ": may_skip = True, but background is False; expected background = True"};
  }
  if (!background) return {};
  for (const char* method : {"done", "wait"}) {
    if (find_method(found, method) != nullptr) continue;
    return Error{name + ": background = True, but the class has no " + method +
                 "(); expected done() and wait() in its body, or in that of a base in its file"};
  }
  return {};
}

Result<StrategyInfo> info_of(const std::string& name) {
  const Location at = locate(name);
  const Result<std::vector<PythonClass>> classes = read_python_classes(at.file);
  if (!classes) return Error{name + ": " + classes.error().message};
  std::vector<std::string> names;
  for (const PythonClass& found : classes.value()) {
    names.push_back(found.name);
    if (found.name != at.class_name) continue;
    if (!found.claim_error.empty()) return Error{name + ": " + found.claim_error};
    if (const Status status = check_background(name, found); !status) return status.error();
    return StrategyInfo{.name = name,
                        .summary = found.summary,
                        .source = found.source,
                        .survives = found.survives.value_or(Survives{.process = true}),
                        .opaque = true,
                        .needs_torch = true,
                        .background = found.background.value_or(false),
                        .may_skip = found.may_skip.value_or(false),
                        .retains = find_method(found, "retain") != nullptr,
                        .params = found.params};
  }
  if (names.empty()) return Error{name + ": " + at.file + " has no class at its left margin"};
  return Error{name + ": " + unknown_name("class in " + at.file, at.class_name, names)};
}

std::string bridge_path() {
  return program_folder() + "/" + kPythonBridgeFile;
}

// The bridge is loaded here and nowhere else, so that native trials fork from a process without
// Python. RTLD_GLOBAL: extension modules look up libpython's symbols globally.
Result<void*> load_symbol(const char* name) {
  const std::string path = bridge_path();
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr)
    return Error{"the Python bridge cannot be loaded: " + std::string(dlerror())};
  void* symbol = dlsym(library, name);
  if (symbol == nullptr) return Error{path + " has no " + name};
  return symbol;
}

// Values keep the type that __init__'s default has.
std::vector<PythonArgument> arguments_of(const Selection& selection, const StrategyInfo& info) {
  std::vector<PythonArgument> arguments;
  for (const auto& [name, value] : selection.params) {
    const auto row = std::find_if(info.params.begin(), info.params.end(),
                                  [&](const ParamInfo& param) { return param.name == name; });
    arguments.push_back({name, row->type, value});
  }
  return arguments;
}

PythonRequest request_of(const Selection& selection, const StrategyInfo& info) {
  const Location at = locate(selection.name);
  return {.name = selection.name,
          .file = std::filesystem::absolute(at.file).string(),
          .class_name = at.class_name,
          .survives = info.survives,
          .background = info.background,
          .may_skip = info.may_skip,
          .retains = info.retains,
          .arguments = arguments_of(selection, info)};
}

}  // namespace

bool is_python_spec(const std::string& name) {
  return name.starts_with(kPythonPrefix);
}

bool has_python_bridge() {
  return std::filesystem::exists(bridge_path());
}

std::vector<StrategyInfo> shipped_python_infos() {
  std::vector<StrategyInfo> infos;
  for (const Shipped& shipped : kShipped) {
    Result<StrategyInfo> info = info_of(std::string(shipped.name));
    if (!info) throw ExitError(ExitCode::kEnvironment, info.error().message);
    infos.push_back(std::move(info).value());
  }
  return infos;
}

Result<StrategyInfo> user_python_info(const std::string& name,
                                      const std::vector<std::string>& known) {
  const std::string rest = name.substr(kPythonPrefix.size());
  const size_t colon = rest.rfind(':');
  if (colon == std::string::npos && !rest.ends_with(".py")) {
    return Error{unknown_name("strategy", name, known)};
  }
  if (colon == std::string::npos || colon == 0 || colon + 1 == rest.size()) {
    return Error{"strategy '" + name + "': expected python:FILE.py:Class"};
  }
  return info_of(name);
}

Status check_python_spec(const std::string& name) {
  const auto at = user_location(name);
  return at ? check_python_class(at->file, at->class_name) : Status();
}

Status check_python_params(const Selection& selection) {
  const auto at = user_location(selection.name);
  return at ? check_python_arguments(at->file, at->class_name, selection.params) : Status();
}

Status warm_python() {
  const Result<void*> symbol = load_symbol(kPythonWarmName);
  if (!symbol) return symbol.error();
  std::string error;
  if (!reinterpret_cast<PythonWarm>(symbol.value())(&error)) return Error{error};
  return {};
}

Status preload_python(const Selection& selection, const StrategyInfo& info) {
  const Result<void*> symbol = load_symbol(kPythonPreloadName);
  if (!symbol) return symbol.error();
  const PythonRequest request = request_of(selection, info);
  std::string error;
  if (reinterpret_cast<PythonPreload>(symbol.value())(&request, &error)) return {};
  return Error{selection.name + ": " + error};
}

Result<std::unique_ptr<Strategy>> make_python(const Selection& selection, const StrategyInfo& info,
                                              const StrategyContext& context) {
  if (context.comm.size() != 1) return Error{selection.name + ": one rank only"};
  const Result<Params> params = Params::make(selection.name, info.params, selection.params);
  if (!params) return params.error();
  const Result<void*> symbol = load_symbol(kPythonFactoryName);
  if (!symbol) return symbol.error();
  const auto factory = reinterpret_cast<PythonFactory>(symbol.value());
  const PythonRequest request = request_of(selection, info);
  std::string error;
  std::unique_ptr<Strategy> strategy(factory(&request, &context, &error));
  if (strategy == nullptr) return Error{selection.name + ": " + error};
  return strategy;
}

}  // namespace ckptbench
