#include "strategies/peers/python_interpreter.h"

#include <unistd.h>

#include "harness/platform/installation.h"

namespace ckptbench {
namespace {

namespace py = pybind11;

// CPython is one per process by its own design, and so is this.
struct Interpreter {
  pid_t pid = 0;  // that last entered it; 0: not started
};

Interpreter& interpreter() {
  static Interpreter one;
  return one;
}

std::string executable() {
  return python_program(CKPT_PYTHON);
}

Status failed(const PyStatus& status) {
  return Error{"Python does not start with " + executable() + ": " +
               (status.err_msg != nullptr ? status.err_msg : "unknown error")};
}

Status initialize() {
  PyConfig config;
  PyConfig_InitPythonConfig(&config);
  config.install_signal_handlers = 0;  // SIGTERM and the stack dumps are the harness's
  config.buffered_stdio = 0;           // nothing is lost by a SIGKILL or _exit
  config.parse_argv = 0;
  PyStatus status = PyConfig_SetBytesString(&config, &config.executable, executable().c_str());
  if (PyStatus_Exception(status) == 0) status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  if (PyStatus_Exception(status) != 0) return failed(status);
  return {};
}

enum class Absent { kError, kFine };

// REQUIRES: the GIL is held.
Status import_held(const char* name, Absent absent) {
  try {
    py::module_::import(name);
  } catch (py::error_already_set& error) {
    if (absent == Absent::kFine && error.matches(PyExc_ModuleNotFoundError)) return {};
    return Error{executable() + " cannot import " + name + ": " + python_message(error)};
  }
  return {};
}

// " (mine.py:14, in save)": the innermost frame of that file. Empty: there is none.
std::string place_in(const std::string& file, const py::error_already_set& error,
                     const py::module_& traceback) {
  if (file.empty() || !error.trace()) return "";
  std::string place;
  for (const py::handle frame : traceback.attr("extract_tb")(error.trace())) {
    if (std::string(py::str(frame.attr("filename"))) != file) continue;
    place =
        " (" + file.substr(file.rfind('/') + 1) + ":" + std::string(py::str(frame.attr("lineno")));
    const std::string function = py::str(frame.attr("name"));
    place += function == "<module>" ? ")" : ", in " + function + ")";
  }
  return place;
}

}  // namespace

Status start_python() {
  if (interpreter().pid != 0) return {};
  if (Status started = initialize(); !started) return started;
  const Status imported = import_held("torch", Absent::kError);
  interpreter().pid = ::getpid();
  PyEval_SaveThread();
  return imported;
}

Status import_if_there(const char* name) {
  const PythonScope python;
  return import_held(name, Absent::kFine);
}

PythonScope::PythonScope() {
  if (interpreter().pid == ::getpid()) return;
  PyOS_AfterFork_Child();
  interpreter().pid = ::getpid();
}

std::string python_message(py::error_already_set& error, const std::string& file) {
  const py::module_ traceback = py::module_::import("traceback");
  const py::list lines = traceback.attr("format_exception_only")(error.type(), error.value());
  std::string text = py::str(lines[lines.size() - 1]);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(0, text.find('\n')) + place_in(file, error, traceback);
}

}  // namespace ckptbench
