#include "strategies/peers/python_strategy.h"

#include <torch/csrc/autograd/python_variable.h>

#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "strategies/peers/blob.h"
#include "strategies/peers/copy_named.h"
#include "strategies/peers/python_interpreter.h"

namespace ckptbench {
namespace {

namespace py = pybind11;

constexpr const char* kNotDurable = "not durable after wait(), by durable()";

py::object value_of(const PythonArgument& argument) {
  switch (argument.type) {
    case ParamType::kBool:
      return py::bool_(argument.value == "true");
    case ParamType::kInteger:
      return py::int_(py::str(argument.value));
    case ParamType::kReal:
      return py::float_(py::str(argument.value));
    case ParamType::kText:
    case ParamType::kChoice:
      break;
  }
  return py::str(argument.value);
}

// The folder goes last on sys.path: a helper beside the file is found, no package is shadowed.
py::object load_class(const PythonRequest& request) {
  const std::filesystem::path file(request.file);
  py::list path = py::module_::import("sys").attr("path");
  const py::str folder(file.parent_path().string());
  if (!path.contains(folder)) path.append(folder);
  const py::module_ util = py::module_::import("importlib.util");
  const std::string name = "ckptbench_strategy_" + file.stem().string();
  const py::object spec = util.attr("spec_from_file_location")(name, request.file);
  const py::object module = util.attr("module_from_spec")(spec);
  py::module_::import("sys").attr("modules")[py::str(name)] = module;
  spec.attr("loader").attr("exec_module")(module);
  return module.attr(request.class_name.c_str());
}

// REQUIRES: `name` is a class attribute that is True or False; absent: False.
void check_flag(const PythonRequest& request, const py::object& object, const std::string& name,
                bool in_text) {
  const bool value = py::hasattr(object, name.c_str()) && py::cast<bool>(object.attr(name.c_str()));
  if (value == in_text) return;
  throw std::runtime_error(name + " is " + (value ? "True" : "False") + ", but the text of class " +
                           request.class_name + " says otherwise; expected `" + name +
                           " = True` or `" + name + " = False` in its own body");
}

// A retain that the registry does not see would be called and never judged.
void check_retain(const PythonRequest& request, const py::object& object) {
  const bool retains = py::hasattr(object, "retain");
  if (retains == request.retains) return;
  throw std::runtime_error("the object has " + std::string(retains ? "a" : "no") +
                           " retain(), but the text of class " + request.class_name +
                           " says otherwise; expected `def retain(self, steps)` in its body, or "
                           "in that of a base in its file");
}

py::object construct(const PythonRequest& request, const std::string& directory) {
  py::dict arguments;
  for (const PythonArgument& argument : request.arguments) {
    arguments[py::str(argument.name)] = value_of(argument);
  }
  const py::object object = load_class(request)(directory, **arguments);
  // The registry reads the file's text; what it cannot see there would change the rules of the run.
  check_flag(request, object, "background", request.background);
  check_flag(request, object, "may_skip", request.may_skip);
  check_retain(request, object);
  const std::string claim = py::hasattr(object, "survives")
                                ? py::cast<std::string>(object.attr("survives"))
                                : to_text(Survives{.process = true});
  if (parse_survives(claim) != request.survives) {
    throw std::runtime_error("survives is \"" + claim + "\", but the text of class " +
                             request.class_name + " says \"" + to_text(request.survives) +
                             "\"; expected `survives = \"…\"` in its own body");
  }
  return object;
}

py::dict tensors_of(const StateView& state) {
  const std::vector<at::Tensor> blobs = blobs_of(state);
  py::dict tensors;
  for (size_t i = 0; i < blobs.size(); ++i) {
    tensors[py::str(state.tensors[i].name)] = py::cast(blobs[i]);
  }
  return tensors;
}

// Whether a checkpoint can be asked for by its step.
bool takes_step(const py::object& restore) {
  const py::object signature = py::module_::import("inspect").attr("signature")(restore);
  return signature.attr("parameters").contains("step");
}

class PythonStrategy : public Strategy {
 public:
  PythonStrategy(const StrategyContext& context, const PythonRequest& request, py::object object)
      : context_(context),
        survives_(request.survives),
        background_(request.background),
        file_(request.file),
        object_(std::move(object)),
        waits_(py::hasattr(object_, "wait")),
        lists_(py::hasattr(object_, "list")),
        retains_(request.retains),
        names_durable_(background_ && py::hasattr(object_, "durable")) {}

  ~PythonStrategy() override {
    const PythonScope python;
    object_ = py::object();
  }

  Ticket save(const StateView& state, const SaveRequest& request) override;
  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override;
  std::vector<CheckpointInfo> list() override;
  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override;
  Status retain(std::span<const uint64_t> seqs) override;

 private:
  // A class that lists its steps is numbered by them; the others have no numbers.
  uint64_t seq_of(uint64_t step) const { return lists_ ? step : 0; }
  bool has_pending() const { return first_pending_ < saves_.size(); }
  SaveOutcome confirmed(Ticket ticket);
  void all_durable(const char* by) { durable_to(std::numeric_limits<uint64_t>::max(), by); }
  void durable_to(uint64_t step, const char* by);
  std::optional<uint64_t> newest_durable();
  void ask_durable();
  void drop_unlisted(uint64_t newest);
  void after_wait();
  void all_failed(const std::string& reason);
  RestoreOutcome take(const py::object& answer, StateView& state, bool partial) const;

  struct Save {
    uint64_t step = 0;
    SaveOutcome outcome;
  };

  StrategyContext context_;
  Survives survives_;
  bool background_;
  std::string file_;  // for messages
  py::object object_;
  bool waits_;
  bool lists_;
  bool retains_;
  bool names_durable_;
  std::vector<Save> saves_;  // index = ticket - 1
  size_t first_pending_ = 0;
  size_t waited_ = 0;  // saves before the last wait() that returned
};

void PythonStrategy::durable_to(uint64_t step, const char* by) {
  for (; has_pending() && saves_[first_pending_].step <= step; ++first_pending_) {
    Save& save = saves_[first_pending_];
    if (!std::holds_alternative<Pending>(save.outcome)) continue;
    save.outcome = Durable{survives_, by};
    context_.observer.durable(save.step, seq_of(save.step), survives_);
  }
}

// done() speaks of all saves at once: where they overlap, it says nothing of the earlier ones.
void PythonStrategy::ask_durable() {
  if (!names_durable_ || !has_pending()) return;
  const std::optional<uint64_t> newest = newest_durable();
  if (!newest) return;
  drop_unlisted(*newest);
  durable_to(*newest, "durable");
}

// Nothing: none. Throws std::runtime_error where the answer is neither.
std::optional<uint64_t> PythonStrategy::newest_durable() {
  const py::object newest = object_.attr("durable")();
  if (newest.is_none()) return std::nullopt;
  if (py::isinstance<py::int_>(newest)) return py::cast<uint64_t>(newest);
  throw std::runtime_error("durable() must return a step or None, not " +
                           std::string(py::repr(newest)));
}

// One that was dropped for a newer save is older than what is durable, and no checkpoint. Only a
// list tells it from one that became durable meanwhile.
void PythonStrategy::drop_unlisted(uint64_t newest) {
  const bool overlap = has_pending() && saves_[first_pending_].step < newest;
  if (!lists_ || !overlap) return;
  const auto listed = py::cast<std::vector<uint64_t>>(py::list(object_.attr("list")()));
  for (size_t i = first_pending_; i < saves_.size() && saves_[i].step < newest; ++i) {
    const bool named = std::find(listed.begin(), listed.end(), saves_[i].step) != listed.end();
    if (!named) saves_[i].outcome = Skipped{"a newer save is durable, and list() does not name it"};
  }
}

// A class that names what is durable is believed there, too: a save that it dropped for a newer one
// is no checkpoint.
void PythonStrategy::after_wait() {
  if (!names_durable_) return all_durable("wait");
  ask_durable();
  for (; has_pending(); ++first_pending_) {
    SaveOutcome& outcome = saves_[first_pending_].outcome;
    if (std::holds_alternative<Pending>(outcome)) {
      outcome = Skipped{kNotDurable};
    }
  }
}

// Which of the saves under way an exception belongs to is unknown.
void PythonStrategy::all_failed(const std::string& reason) {
  for (; has_pending(); ++first_pending_) {
    Save& save = saves_[first_pending_];
    if (!std::holds_alternative<Pending>(save.outcome)) continue;
    save.outcome = Failed{reason};
    context_.observer.failed(save.step, reason);
  }
}

Ticket PythonStrategy::save(const StateView& state, const SaveRequest& request) {
  saves_.push_back({request.step, Pending{}});
  const Ticket ticket{saves_.size()};
  if (request.contents != Contents::kFull) {
    saves_.back().outcome = Skipped{"a Python strategy saves full states only"};
    return ticket;
  }
  const PythonScope python;
  try {
    object_.attr("save")(tensors_of(state), request.step);
    ask_durable();
  } catch (py::error_already_set& error) {
    all_failed(python_message(error, file_));
    return ticket;
  } catch (const std::runtime_error& error) {
    all_failed(error.what());
    return ticket;
  }
  context_.observer.captured(request.step);
  if (!background_) all_durable("save");
  return ticket;
}

// What save() or durable() has said stays said: whether wait(), where there is one, agrees.
SaveOutcome PythonStrategy::confirmed(Ticket ticket) {
  Save& save = saves_.at(ticket.id - 1);
  if (!waits_ || !std::holds_alternative<Durable>(save.outcome)) return save.outcome;
  if (ticket.id <= waited_) return save.outcome;
  const PythonScope python;
  try {
    object_.attr("wait")();
    if (names_durable_ && newest_durable().value_or(0) < save.step) return Skipped{kNotDurable};
  } catch (py::error_already_set& error) {
    return Failed{python_message(error, file_)};
  } catch (const std::runtime_error& error) {
    return Failed{error.what()};
  }
  waited_ = saves_.size();
  save.outcome = Durable{survives_, "wait"};
  return save.outcome;
}

SaveOutcome PythonStrategy::wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) {
  const SaveOutcome& outcome = saves_.at(ticket.id - 1).outcome;
  const bool poll = deadline <= std::chrono::steady_clock::now();
  if (!std::holds_alternative<Pending>(outcome)) return poll ? outcome : confirmed(ticket);
  const PythonScope python;
  try {
    ask_durable();
    if (!std::holds_alternative<Pending>(outcome)) return outcome;
    if (poll && !py::cast<bool>(object_.attr("done")())) return outcome;
    object_.attr("wait")();
    waited_ = saves_.size();
    after_wait();
  } catch (py::error_already_set& error) {
    all_failed(python_message(error, file_));
  } catch (const std::runtime_error& error) {
    all_failed(error.what());
  }
  return outcome;
}

std::vector<CheckpointInfo> PythonStrategy::list() {
  std::vector<CheckpointInfo> infos;
  if (!lists_) return infos;
  const PythonScope python;
  try {
    for (const py::handle step : object_.attr("list")()) {
      CheckpointInfo info;
      info.step = py::cast<uint64_t>(step);
      info.seq = seq_of(info.step);
      infos.push_back(info);
    }
  } catch (py::error_already_set& error) {
    throw std::runtime_error("list(): " + python_message(error, file_));
  }
  return infos;
}

RestoreOutcome PythonStrategy::take(const py::object& answer, StateView& state,
                                    bool partial) const {
  if (answer.is_none()) return Nothing{};
  const std::string expected = "restore() must return (dict of tensors, step) or None";
  if (!py::isinstance<py::tuple>(answer) || py::len(answer) != 2) return Refused{expected};
  const py::tuple pair = answer;
  if (!py::isinstance<py::dict>(pair[0]) || !py::isinstance<py::int_>(pair[1])) {
    return Refused{expected};
  }
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, tensor] : py::dict(pair[0])) {
    if (!THPVariable_Check(tensor.ptr())) {
      return Refused{expected + "; '" + std::string(py::str(name)) + "' is no tensor"};
    }
    tensors[py::str(name)] = py::cast<at::Tensor>(tensor);
  }
  return copy_named(tensors, state, partial, py::cast<uint64_t>(pair[1]));
}

RestoreOutcome PythonStrategy::restore(StateView& state, const Want& want, Replay*) {
  const PythonScope python;
  try {
    if (want.seq && !takes_step(object_.attr("restore"))) {
      return Refused{
          "this Python strategy restores its newest checkpoint only: its restore() has "
          "no parameter 'step'",
          true};
    }
    const py::object answer =
        want.seq ? object_.attr("restore")(py::arg("step") = *want.seq) : object_.attr("restore")();
    RestoreOutcome outcome = take(answer, state, want.partial);
    if (Restored* restored = std::get_if<Restored>(&outcome))
      restored->seq = seq_of(restored->step);
    return outcome;
  } catch (py::error_already_set& error) {
    return Refused{python_message(error, file_)};
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return Refused{text.substr(0, text.find('\n'))};
  }
}

Status PythonStrategy::retain(std::span<const uint64_t> seqs) {
  if (!retains_) return {};
  const PythonScope python;
  try {
    object_.attr("retain")(std::vector<uint64_t>(seqs.begin(), seqs.end()));
  } catch (py::error_already_set& error) {
    return Error{python_message(error, file_)};
  }
  return {};
}

}  // namespace

Status import_python_class(const PythonRequest& request) {
  const PythonScope python;
  try {
    load_class(request);
  } catch (py::error_already_set& error) {
    return Error{python_message(error, request.file)};
  }
  return {};
}

Result<std::unique_ptr<Strategy>> make_python_strategy(const PythonRequest& request,
                                                       const StrategyContext& context) {
  const PythonScope python;
  try {
    return std::unique_ptr<Strategy>(
        std::make_unique<PythonStrategy>(context, request, construct(request, context.directory)));
  } catch (py::error_already_set& error) {
    return Error{python_message(error, request.file)};
  } catch (const std::runtime_error& error) {
    return Error{error.what()};
  }
}

}  // namespace ckptbench
