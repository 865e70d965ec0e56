#include "harness/run/run_selection.h"

#include <fmt/format.h>

namespace ckptbench {

void add_selection(const RunSelection& selection, nlohmann::json& environment) {
  environment["suite"] = selection.suite;
  environment["suite_text"] = selection.suite_text;
  environment["selection"] = {
      {"workloads", selection.workloads},
      {"strategies", selection.strategies},
      {"kinds", selection.kinds},
      {"seed", selection.seed ? nlohmann::json(*selection.seed) : nlohmann::json()},
      {"scratch", selection.scratch},
      {"keep", selection.keep}};
}

Result<RunSelection> selection_of(const nlohmann::json& environment) {
  try {
    RunSelection selection;
    environment.at("suite").get_to(selection.suite);
    environment.at("suite_text").get_to(selection.suite_text);
    const nlohmann::json& given = environment.at("selection");
    given.at("workloads").get_to(selection.workloads);
    given.at("strategies").get_to(selection.strategies);
    selection.kinds = given.value("kinds", selection.kinds);  // earlier versions had no --kind
    given.at("scratch").get_to(selection.scratch);
    given.at("keep").get_to(selection.keep);
    if (!given.at("seed").is_null()) selection.seed = given.at("seed").get<uint64_t>();
    return selection;
  } catch (const nlohmann::json::exception& error) {
    return Error{fmt::format("no selection of a run: {}", error.what())};
  }
}

}  // namespace ckptbench
