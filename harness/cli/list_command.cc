// `list`: what a suite or the command line may name, as the worker describes it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "harness/cli/command.h"
#include "harness/core/json_text.h"
#include "harness/run/worker_program.h"

namespace ckptbench {
namespace {

void print_params(const std::vector<ParamInfo>& params) {
  for (const ParamInfo& param : params) {
    const std::string choices =
        param.choices.empty() ? "" : fmt::format(" [{}]", fmt::join(param.choices, " | "));
    fmt::print("      {} = {}{}  {}\n", param.name, param.default_value, choices, param.help);
  }
}

void print_infos(const std::string& title, const std::vector<NamedInfo>& infos) {
  fmt::print("{}\n", title);
  for (const NamedInfo& info : infos) {
    const std::string group = info.group.empty() ? "" : fmt::format("({}) ", info.group);
    const std::string claim =
        info.survives.empty() ? "" : fmt::format("; survives {}", info.survives);
    fmt::print("  {:<24} {}{}{}\n", info.name, group, info.summary, claim);
    print_params(info.params);
  }
}

nlohmann::json names_of(const Description& description) {
  nlohmann::json names;
  for (const auto& info : description.workloads) names["workloads"].push_back(info.name);
  for (const auto& info : description.strategies) names["strategies"].push_back(info.name);
  for (const auto& info : description.stages) names["stages"].push_back(info.name);
  return names;
}

ExitCode list(bool as_json, const CommandCall& call) {
  const WorkerProgram worker = find_worker(call.options.worker, call.interrupt_fd);
  const Description description = describe_worker(worker);
  if (as_json) {
    fmt::print("{}\n", json_text(names_of(description), 1));
    return ExitCode::kOk;
  }
  print_infos("workloads", description.workloads);
  print_infos("strategies", description.strategies);
  print_infos("stages of a composition, capture+encode+…@store", description.stages);
  fmt::print("CUDA: {}\n", description.cuda ? "yes" : "no");
  return ExitCode::kOk;
}

CommandBody add_list_options(CLI::App& app) {
  auto as_json = std::make_shared<bool>(false);
  app.add_flag("--json", *as_json, "names only, as JSON");
  return [as_json](const CommandCall& call) { return list(*as_json, call); };
}

}  // namespace

CommandRow list_command() {
  return {.name = "list",
          .summary = "list workloads, strategies and stages",
          .add_options = add_list_options};
}

}  // namespace ckptbench
