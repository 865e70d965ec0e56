#include "harness/train/plugins.h"

#include <zstd.h>

#include <algorithm>

#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"
#include "harness/core/near_names.h"
#include "harness/core/python_name.h"
#include "harness/train/torch_runtime.h"
#include "strategies/broken/broken_list.h"
#include "strategies/peers/peer_list.h"
#include "strategies/peers/python_peers.h"
#include "strategies/pipeline/composition.h"
#include "strategies/registry.h"
#include "strategies/stages.h"

namespace ckptbench {
namespace {

const std::vector<StrategyInfo>& rows_of(Group group) {
  switch (group) {
    case Group::kNative:
      return native_strategies();
    case Group::kPeer:
      return peer_strategies();
    case Group::kBroken:
      return broken_strategies();
  }
  return native_strategies();
}

constexpr Group kGroups[] = {Group::kNative, Group::kPeer, Group::kBroken};

bool has_row(Group group, const std::string& name) {
  const std::vector<StrategyInfo>& rows = rows_of(group);
  return std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.name == name; });
}

Result<FoundStrategy> with_group(Result<StrategyInfo> info, Group group) {
  if (!info) return info.error();
  return FoundStrategy{std::move(info).value(), group};
}

Error unknown_strategy(const std::string& name) {
  std::vector<std::string> names;
  for (const Group group : kGroups) {
    for (const StrategyInfo& row : rows_of(group)) names.push_back(row.name);
  }
  return Error{unknown_name("strategy", name, names)};
}

nlohmann::json to_json_of(const StrategyInfo& info, Group group) {
  return {{"name", info.name},
          {"summary", info.summary},
          {"source", info.source},
          {"survives", to_text(info.survives)},
          {"opaque", info.opaque},
          {"broken", info.broken},
          {"background", info.background},
          {"may_skip", info.may_skip},
          {"retains", info.retains},
          {"needs_torch", info.needs_torch},
          {"params", info.params},
          {"group", group_name(group)}};
}

nlohmann::json to_json_of(const WorkloadInfo& info) {
  return {{"name", info.name}, {"summary", info.summary}, {"params", info.params}};
}

Result<WorkloadInfo> find_workload(const std::string& name) {
  std::vector<std::string> names;
  for (const WorkloadInfo& row : workload_infos()) {
    if (row.name == name) return row;
    names.push_back(row.name);
  }
  return Error{unknown_name("workload", name, names)};
}

struct Question {
  std::string kind;
  Selection selection;
};

// Throws std::runtime_error on unknown keys and wrong types.
Question read_question(const nlohmann::json& in) {
  Question question;
  JsonReader fields(in, "question");
  fields.field("kind", question.kind);
  fields.field("name", question.selection.name);
  fields.field("params", question.selection.params);
  fields.done();
  return question;
}

nlohmann::json answer(const Status& status, nlohmann::json info) {
  if (!status) return {{"ok", false}, {"error", status.error().message}, {"info", nullptr}};
  return {{"ok", true}, {"error", ""}, {"info", std::move(info)}};
}

Status status_of(const Result<Params>& params) {
  return params ? Status() : Status(params.error());
}

// The parser comes first: a class whose own line is wrong is not found.
Status check_strategy_name(const std::string& name) {
  if (const Status source = check_python_spec(name); !source) return source;
  const auto found = find_strategy({name, {}});
  return found ? Status() : Status(found.error());
}

Status check_strategy_and_source(const Selection& selection) {
  if (const Status named = check_strategy_name(selection.name); !named) return named;
  if (const Status params = status_of(check_strategy(selection)); !params) return params;
  return check_python_params(selection);
}

nlohmann::json answer(const Question& question) {
  const Selection& selection = question.selection;
  if (question.kind == "workload") {
    const auto info = find_workload(selection.name);
    return answer(status_of(check_workload(selection)),
                  info ? to_json_of(info.value()) : nlohmann::json());
  }
  const bool name_alone = question.kind == "strategy-name";
  if (name_alone || question.kind == "strategy") {
    const auto found = find_strategy(selection);
    return answer(
        name_alone ? check_strategy_name(selection.name) : check_strategy_and_source(selection),
        found ? to_json_of(found.value().info, found.value().group) : nlohmann::json());
  }
  const std::vector<std::string> kinds{"workload", "strategy", "strategy-name"};
  return answer(Error{unknown_name("kind", question.kind, kinds)}, nullptr);
}

}  // namespace

std::string_view group_name(Group group) {
  static constexpr std::string_view kNames[] = {"native", "peer", "broken"};
  return kNames[static_cast<size_t>(group)];
}

Result<FoundStrategy> find_strategy(const Selection& selection) {
  const std::string& name = selection.name;
  if (name.starts_with(kPythonPrefix) || has_row(Group::kPeer, name)) {
    return with_group(find_peer(name), Group::kPeer);
  }
  if (has_row(Group::kBroken, name)) return with_group(find_broken(name), Group::kBroken);
  const bool composed = name.find_first_of("+@") != std::string::npos;
  if (composed || has_row(Group::kNative, name)) {
    return with_group(find_native(selection), Group::kNative);
  }
  // One stage alone is a composition too ("staged").
  auto native = find_native(selection);
  return native ? with_group(std::move(native), Group::kNative)
                : Result<FoundStrategy>(unknown_strategy(name));
}

Result<Params> check_strategy(const Selection& selection) {
  const auto found = find_strategy(selection);
  if (!found) return found.error();
  const std::string owner = "strategy " + selection.name;
  auto params = Params::make(owner, found.value().info.params, selection.params);
  if (!params || found.value().group != Group::kNative) return params;
  const Status status = check_native(selection.name, params.value());
  if (!status) return Error{owner + ": " + status.error().message};
  return params;
}

Result<Params> check_workload(const Selection& selection) {
  const auto info = find_workload(selection.name);
  if (!info) return info.error();
  return Params::make("workload " + selection.name, info.value().params, selection.params);
}

Status preload_strategy(const Selection& selection) {
  return preload_peer(selection);
}

Result<std::unique_ptr<Strategy>> make_strategy(const Selection& selection,
                                                const StrategyContext& context) {
  const auto found = find_strategy(selection);
  if (!found) return found.error();
  switch (found.value().group) {
    case Group::kNative:
      return make_native(selection, context);
    case Group::kPeer:
      return make_peer(selection, context);
    case Group::kBroken:
      return make_broken(selection, context);
  }
  return Error{"strategy " + selection.name + ": belongs to no group"};
}

nlohmann::json describe_all(bool cuda) {
  nlohmann::json out;
  out["workloads"] = nlohmann::json::array();
  for (const WorkloadInfo& info : workload_infos()) out["workloads"].push_back(to_json_of(info));
  out["strategies"] = nlohmann::json::array();
  for (const Group group : kGroups) {
    for (const StrategyInfo& info : rows_of(group)) {
      out["strategies"].push_back(to_json_of(info, group));
    }
  }
  out["stages"] = nlohmann::json::array();
  for (const StageRow& stage : native_stages()) {
    out["stages"].push_back({{"kind", stage_kind_name(stage.kind())},
                             {"name", stage.name},
                             {"summary", stage.summary},
                             {"params", stage.params}});
  }
  out["stages"].push_back({{"kind", "all"},
                           {"name", "(any)"},
                           {"summary", "parameters of every composition"},
                           {"params", common_params()}});
  out["stages"].push_back({{"kind", "all"},
                           {"name", "(any that detaches)"},
                           {"summary", "parameters of those that write in the background"},
                           {"params", detached_params()}});
  out["cuda"] = cuda;
  out["python"] = has_python_bridge();
  out["versions"] = {
      {"ckptbench", CKPT_VERSION}, {"torch", torch_version()}, {"zstd", ZSTD_versionString()}};
  return out;
}

nlohmann::json check_all(const nlohmann::json& questions) {
  if (!questions.is_array()) {
    throw ExitError(ExitCode::kUsage, "check: standard input: expected a JSON array of questions");
  }
  nlohmann::json answers = nlohmann::json::array();
  for (const nlohmann::json& question : questions) {
    try {
      answers.push_back(answer(read_question(question)));
    } catch (const std::runtime_error& error) {
      answers.push_back(answer(Error{error.what()}, nullptr));
    }
  }
  return answers;
}

}  // namespace ckptbench
