#include "harness/run/environment_file.h"

#include <fmt/format.h>

#include "harness/core/json_text.h"
#include "harness/platform/files.h"
#include "harness/platform/machine.h"
#include "harness/run/build_info.h"
#include "harness/run/trial.h"

namespace ckptbench {
namespace {

constexpr const char* kFile = "/environment.json";

nlohmann::json machine_rows(const std::string& out) {
  nlohmann::json rows = nlohmann::json::object();
  for (const auto& [fact, value] : machine_facts(describe_machine(), filesystem_of(out))) {
    rows[fact] = value;
  }
  return rows;
}

nlohmann::json strategy_rows(const CheckedNames& names) {
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& [text, info] : names.strategies) {
    rows.push_back({{"name", info.name},
                    {"group", info.group},
                    {"survives", info.survives},
                    {"summary", info.summary},
                    {"source", info.source}});
  }
  return rows;
}

}  // namespace

Environment collect_environment(const SuiteSource& suite, const Description& description,
                                const CheckedNames& names, const std::string& out) {
  Environment environment;
  environment.fields = {{"suite", suite.name},
                        {"suite_text", suite.text},
                        {"seed", suite.seed},
                        {"strategies", strategy_rows(names)},
                        {"started_utc", utc_now()},
                        {"machine", machine_rows(out)},
                        {"versions", description.versions},
                        {"build", {{"commit", kBuildCommit}, {"type", kBuildType}}}};
  return environment;
}

void write_environment(const Environment& environment, const std::string& out) {
  const Status status =
      write_file_atomically(out + kFile, json_text(environment.fields, 1) + "\n", Sync::kYes);
  if (!status) throw ExitError(ExitCode::kEnvironment, status.error().message);
}

Environment read_environment(const std::string& out) {
  const auto text = read_file(out + kFile);
  if (!text) throw ExitError(ExitCode::kEnvironment, text.error().message);
  Environment environment;
  environment.fields = try_parse_json(text.value());
  if (!environment.fields.is_object()) {
    throw ExitError(ExitCode::kEnvironment,
                    fmt::format("{}{}: expected a JSON object", out, kFile));
  }
  return environment;
}

}  // namespace ckptbench
