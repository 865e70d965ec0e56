#include "harness/run/worker_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "faults/api/preload_library.h"
#include "harness/core/json_text.h"
#include "harness/core/python_name.h"
#include "harness/core/sanitized.h"
#include "harness/core/selection_text.h"
#include "harness/platform/files.h"
#include "harness/platform/installation.h"
#include "harness/platform/process.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;
constexpr double kAnswerDeadlineS = 60;

// ": " and the last line of the log, without the name of the worker; empty: an empty log.
std::string last_log_line(const std::string& log) {
  const auto text = read_file(log);
  std::string line = text ? text.value() : "";
  while (!line.empty() && line.back() == '\n') line.pop_back();
  line.erase(0, line.find_last_of('\n') + 1);
  constexpr std::string_view kName = "ckpt-worker: ";
  if (line.starts_with(kName)) line.erase(0, kName.size());
  return line.empty() ? "" : ": " + line;
}

std::string ask(const WorkerProgram& worker, const std::string& command, const std::string& input) {
  auto folder = TempDir::make("ckptbench-ask");
  if (!folder) throw ExitError(ExitCode::kEnvironment, folder.error().message);
  const std::string log = folder.value().path() + "/log";
  SpawnOptions options;
  options.argv = {worker.executable, command};
  options.environment = worker_environment(worker);
  options.in = Stdio::pipe();
  options.out = Stdio::pipe();
  options.err = Stdio::file(log);
  auto process = Process::spawn(options);
  if (!process) throw ExitError(ExitCode::kEnvironment, process.error().message);
  const Until until = Until::seconds(kAnswerDeadlineS, worker.interrupt_fd);
  const auto answer = process.value().communicate(input, until);
  WaitEnd end = answer.end;
  if (end == WaitEnd::kReady) end = process.value().wait(until);
  if (end == WaitEnd::kInterrupted) throw Interrupted{};
  if (end == WaitEnd::kDeadline) {
    throw ExitError(
        ExitCode::kEnvironment,
        fmt::format("{} {}: no answer in {} s", worker.executable, command, kAnswerDeadlineS));
  }
  const ExitStatus& status = *process.value().status();
  if (!status.exited || status.exit_code != 0) {
    throw ExitError(
        ExitCode::kEnvironment,
        fmt::format("{} {}: {} {}{}", worker.executable, command,
                    status.exited ? "exited with code" : "died by signal",
                    status.exited ? status.exit_code : status.signal, last_log_line(log)));
  }
  return answer.text;
}

// One answer per question.
nlohmann::json ask_all(const WorkerProgram& worker, const nlohmann::json& questions) {
  nlohmann::json answers = try_parse_json(ask(worker, "check", json_text(questions)));
  if (answers.is_array() && answers.size() == questions.size()) return answers;
  throw ExitError(ExitCode::kEnvironment, "ckpt-worker check: expected one answer per question");
}

nlohmann::json question(const std::string& kind, const Selection& selection) {
  return {{"kind", kind}, {"name", selection.name}, {"params", selection.params}};
}

// What a user's file that lacks its prefix is told instead of a list of all names.
std::string unknown_or(const std::string& kind, const std::string& name, const std::string& error) {
  const bool file = name.find(".py:") != std::string::npos && !is_python_strategy(name);
  if (kind != "strategy" || !file) return error;
  return fmt::format("unknown strategy '{}'; did you mean '{}{}'?", name, kPythonPrefix, name);
}

// "NAME=value": the user's own settings of a variable that lists them, and one more.
std::string with_setting(const char* variable, const char* setting) {
  const char* given = std::getenv(variable);
  return given == nullptr ? fmt::format("{}={}", variable, setting)
                          : fmt::format("{}={}:{}", variable, given, setting);
}

}  // namespace

WorkerProgram find_worker(const std::string& given, int interrupt_fd) {
  WorkerProgram worker;
  worker.interrupt_fd = interrupt_fd;
  worker.executable = given.empty() ? program_folder() + "/ckpt-worker" : given;
  worker.preload = (fs::path(worker.executable).parent_path() / "libckptfault.so").string();
  for (const std::string& path : {worker.executable, worker.preload}) {
    if (!fs::exists(path)) {
      throw ExitError(
          ExitCode::kEnvironment,
          fmt::format("{}: not found; expected it beside ckptbench (or --worker PATH)", path));
    }
  }
  return worker;
}

WorkerProgram cuda_worker(const WorkerProgram& worker) {
  WorkerProgram cuda = worker;
  cuda.executable += "-cuda";
  if (!fs::exists(cuda.executable)) {
    throw ExitError(ExitCode::kEnvironment,
                    fmt::format("{}: not found; cells with device = \"cuda\" need a build with a "
                                "CUDA toolkit",
                                cuda.executable));
  }
  return cuda;
}

std::vector<std::string> worker_environment(const WorkerProgram& worker) {
  if (worker.stored_sources.empty()) return {};
  return {fmt::format("{}={}", kStoredSourcesVariable, worker.stored_sources)};
}

std::vector<std::string> preload_environment(const WorkerProgram& worker) {
  std::vector<std::string> environment = worker_environment(worker);
  environment.push_back("LD_PRELOAD=" + ld_preload(worker.preload));
  if (kSanitized) environment.push_back(with_setting("ASAN_OPTIONS", "verify_asan_link_order=0"));
  return environment;
}

std::vector<std::string> trial_environment(const WorkerProgram& worker) {
  std::vector<std::string> environment = preload_environment(worker);
  environment.push_back(with_setting("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0"));
  return environment;
}

void check_environment(const WorkerProgram& worker, const Description& description,
                       const std::vector<Cell>& cells) {
  for (const Cell& cell : cells) {
    if (description.python || !is_python_strategy(cell.strategy.name)) continue;
    throw ExitError(ExitCode::kEnvironment,
                    fmt::format("{}: {} was built without the Python bridge (Python's headers)",
                                cell.strategy.name, worker.executable));
  }
  const bool cuda = std::any_of(cells.begin(), cells.end(),
                                [](const Cell& cell) { return cell.device == "cuda"; });
  if (cuda) ask(cuda_worker(worker), "device", "");
}

Description describe_worker(const WorkerProgram& worker) {
  auto description = parse_description(ask(worker, "describe", ""));
  if (!description) throw ExitError(ExitCode::kEnvironment, description.error().message);
  return std::move(description).value();
}

const NamedInfo& CheckedNames::strategy(const Selection& selection) const {
  const std::string text = selection_text(selection);
  for (const auto& [name, info] : strategies) {
    if (name == text) return info;
  }
  throw ExitError(ExitCode::kHarness, fmt::format("strategy '{}' was never checked", text));
}

CheckedNames check_names(const WorkerProgram& worker, const std::vector<Cell>& cells) {
  nlohmann::json questions = nlohmann::json::array();
  std::vector<std::pair<std::string, std::string>> asked;
  std::set<std::pair<std::string, std::string>> seen;
  const auto add = [&](const std::string& kind, const Selection& selection) {
    const std::pair<std::string, std::string> key{kind, selection_text(selection)};
    if (!seen.insert(key).second) return;
    asked.push_back(key);
    questions.push_back(question(kind, selection));
  };
  for (const Cell& cell : cells) {
    add("workload", cell.workload);
    add("strategy", cell.strategy);
  }
  const nlohmann::json answers = ask_all(worker, questions);
  CheckedNames names{{}, worker.stored_sources};
  for (size_t i = 0; i < asked.size(); ++i) {
    const auto info = parse_answer(answers[i]);
    if (!info) {
      const auto& [kind, name] = asked[i];
      throw ExitError(ExitCode::kUsage, unknown_or(kind, name, info.error().message));
    }
    if (asked[i].first == "strategy") names.strategies.emplace_back(asked[i].second, info.value());
  }
  return names;
}

void check_known_names(const WorkerProgram& worker, const std::vector<KnownFailure>& known) {
  if (known.empty()) return;
  nlohmann::json questions = nlohmann::json::array();
  for (const KnownFailure& entry : known) {
    questions.push_back(question("strategy-name", {entry.strategy, {}}));
  }
  const nlohmann::json answers = ask_all(worker, questions);
  for (size_t i = 0; i < known.size(); ++i) {
    const auto info = parse_answer(answers[i]);
    if (info) continue;
    throw ExitError(ExitCode::kUsage,
                    fmt::format("{}: known_failures: {}", known[i].file, info.error().message));
  }
}

}  // namespace ckptbench
