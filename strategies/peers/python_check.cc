#include "strategies/peers/python_check.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "harness/platform/installation.h"
#include "harness/platform/process.h"
#include "strategies/peers/python_source.h"

namespace ckptbench {
namespace {

constexpr double kDeadlineS = 30;

// How a method is called: with so many arguments, by position.
struct PythonCall {
  std::string_view method;
  std::vector<std::string_view> arguments;
  bool more_by_name = false;  // those of a suite
};

const std::vector<PythonCall>& all_calls() {
  static const std::vector<PythonCall> calls{
      {"__init__", {"directory"}, true},
      {"save", {"state", "step"}},
      {"restore", {}},
      {"done", {}},
      {"durable", {}},
      {"wait", {}},
      {"list", {}},
      {"retain", {"steps"}},
  };
  return calls;
}

// Whether a method with these parameters can be called so.
bool takes(const PythonMethod& method, const PythonCall& call) {
  size_t taken = 0;
  bool any = false;      // *names
  bool by_name = false;  // after * or *names
  bool missing = false;
  for (const std::string& parameter : method.parameters) {
    if (parameter == "/" || parameter.starts_with("**")) continue;
    if (parameter.front() == '*') {
      any = any || parameter.size() > 1;
      by_name = true;
      continue;
    }
    const bool given = !by_name && taken < call.arguments.size() + 1;  // self
    taken += by_name ? 0 : 1;
    missing = missing || (!given && parameter.find('=') == std::string::npos);
  }
  return (any || taken >= call.arguments.size() + 1) && (!missing || call.more_by_name);
}

// The first parameter that must be given by name and is not; empty: none.
std::string not_given(const PythonMethod& init, const ParamText& given) {
  size_t by_position = 0;  // self and the directory
  for (const std::string& parameter : init.parameters) {
    if (parameter.front() == '*') by_position = 2;
    if (parameter.front() == '*' || parameter == "/" || by_position++ < 2) continue;
    const std::string name = parameter.substr(0, parameter.find_first_of(" \t:="));
    if (parameter.find('=') == std::string::npos && !given.contains(name)) return name;
  }
  return "";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Error wrong_call(const std::string& file, const PythonMethod& method, const PythonCall& call) {
  const std::string arguments = joined({call.arguments.begin(), call.arguments.end()});
  return Error{file + ":" + std::to_string(method.line) + ": " + method.name + "(" +
               joined(method.parameters) + ") is called as " + method.name + "(" + arguments +
               "); expected def " + method.name + "(self" + (arguments.empty() ? "" : ", ") +
               arguments + ")"};
}

// Null: elsewhere, or nowhere.
const PythonMethod* method_of(const std::vector<PythonClass>& classes, const std::string& name,
                              std::string_view method) {
  const auto found = std::find_if(classes.begin(), classes.end(),
                                  [&](const PythonClass& each) { return each.name == name; });
  return found == classes.end() ? nullptr : find_method(*found, method);
}

Status check_calls(const std::string& file, const std::string& class_name) {
  const Result<std::vector<PythonClass>> classes = read_python_classes(file);
  if (!classes) return classes.error();
  for (const PythonCall& call : all_calls()) {
    const PythonMethod* method = method_of(classes.value(), class_name, call.method);
    if (method == nullptr || method->decorated || takes(*method, call)) continue;
    return wrong_call(file, *method, call);
  }
  return {};
}

}  // namespace

Status check_python_arguments(const std::string& file, const std::string& class_name,
                              const ParamText& given) {
  const Result<std::vector<PythonClass>> classes = read_python_classes(file);
  if (!classes) return classes.error();
  const PythonMethod* init = method_of(classes.value(), class_name, "__init__");
  const std::string name = init == nullptr || init->decorated ? "" : not_given(*init, given);
  if (name.empty()) return {};
  return Error{file + ":" + std::to_string(init->line) + ": '" + name +
               "' of __init__ has no default and is not given; expected " + class_name + ":" +
               name + "=VALUE"};
}

Status check_python_class(const std::string& file, const std::string& class_name) {
  SpawnOptions options;
  options.argv = {python_program(CKPT_PYTHON),
                  shipped_path("python", CKPT_PYTHON_PEERS) + "/strategy_check.py", file,
                  class_name};
  options.out = Stdio::pipe();
  const std::string& python = options.argv.front();
  auto process = Process::spawn(options);
  if (!process) return process.error();
  const Until until = Until::seconds(kDeadlineS);
  const auto answer = process.value().communicate("", until);
  if (answer.end != WaitEnd::kReady || process.value().wait(until) != WaitEnd::kReady) {
    return Error{file + ": " + python + " did not read it within " +
                 std::to_string(static_cast<int>(kDeadlineS)) + " s"};
  }
  const ExitStatus& status = *process.value().status();
  if (!status.exited || status.exit_code != 0) {
    return Error{file + ": cannot be checked: " + python + " " + options.argv[1] + " failed"};
  }
  if (answer.text.empty()) return check_calls(file, class_name);
  return Error{answer.text.substr(0, answer.text.find('\n'))};
}

}  // namespace ckptbench
