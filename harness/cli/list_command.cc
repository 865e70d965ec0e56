#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/cli/commands.h"
#include "harness/core/json_text.h"
#include "harness/run/interrupted.h"
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

}  // namespace

ExitCode list_command(const Options& options, const Interrupt& interrupt) {
  try {
    const Description description = describe_worker(find_worker(options.worker, interrupt.fd()));
    if (options.json) {
      nlohmann::json names;
      for (const auto& info : description.workloads) names["workloads"].push_back(info.name);
      for (const auto& info : description.strategies) names["strategies"].push_back(info.name);
      for (const auto& info : description.stages) names["stages"].push_back(info.name);
      fmt::print("{}\n", json_text(names, 1));
      return ExitCode::kOk;
    }
    print_infos("workloads", description.workloads);
    print_infos("strategies", description.strategies);
    print_infos("stages of a composition, capture+encode+…@store", description.stages);
    fmt::print("CUDA: {}\n", description.cuda ? "yes" : "no");
  } catch (const Interrupted&) {
    return ExitCode::kHarness;
  }
  return ExitCode::kOk;
}

}  // namespace ckptbench
