#include "harness/run/run_selection.h"

#include <fmt/format.h>

#include "harness/core/json_fields.h"

namespace ckptbench {
namespace {

nlohmann::json seed_to_json(const std::optional<uint64_t>& seed) {
  return seed ? nlohmann::json(*seed) : nlohmann::json();
}

std::optional<uint64_t> seed_from_json(const nlohmann::json& json) {
  if (json.is_null()) return std::nullopt;
  const auto seed = whole_number<uint64_t>(json);
  if (!seed) throw std::runtime_error("selection.seed: expected a whole number or null");
  return seed;
}

constexpr auto kGivenFields = [](auto& json, auto& given) {
  json.field("workloads", given.workloads);
  json.field("strategies", given.strategies);
  json.field("kinds", given.kinds);  // earlier versions had no --kind
  json.converted("seed", given.seed, true, seed_to_json, seed_from_json);
  json.field("scratch", given.scratch);
  json.field("keep", given.keep);
};

}  // namespace

const std::vector<MatchedOption> kMatchedOptions{
    {"--workload", [](const GivenOptions& given) { return given.workloads; }},
    {"--strategy", [](const GivenOptions& given) { return given.strategies; }},
    {"--kind", [](const GivenOptions& given) { return given.kinds; }},
    {"--seed",
     [](const GivenOptions& given) {
       return given.seed ? std::vector{std::to_string(*given.seed)} : std::vector<std::string>{};
     }},
};

void add_selection(const RunSelection& selection, nlohmann::json& environment) {
  environment["suite"] = selection.suite;
  environment["suite_text"] = selection.suite_text;
  write_fields(environment["selection"], selection.given, kGivenFields);
}

Result<RunSelection> selection_of(const nlohmann::json& environment) {
  try {
    RunSelection selection;
    environment.at("suite").get_to(selection.suite);
    environment.at("suite_text").get_to(selection.suite_text);
    read_fields(environment.at("selection"), "selection", selection.given, kGivenFields);
    return selection;
  } catch (const std::exception& error) {
    return Error{fmt::format("no selection of a run: {}", error.what())};
  }
}

}  // namespace ckptbench
