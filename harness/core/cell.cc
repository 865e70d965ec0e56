#include "harness/core/cell.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

constexpr std::array<std::string_view, 3> kKinds{"measure", "trial", "sweep"};
constexpr std::array<std::string_view, 2> kContents{"full", "weights"};

constexpr auto kSelectionFields = [](auto& json, auto& selection) {
  json.field("name", selection.name);
  json.field("params", selection.params);
};

constexpr auto kPolicyFields = [](auto& json, auto& policy) {
  json.field("every_steps", policy.every_steps);
  json.field("every_s", policy.every_s);
  json.field("every_epochs", policy.every_epochs);
  json.field("manual_file", policy.manual_file);
  json.field("sigterm_grace_s", policy.sigterm_grace_s);
  json.field("monitor", policy.monitor);
  json.field("monitor_max", policy.monitor_max);
  json.field("best_only", policy.best_only);
  json.enumeration("contents", policy.contents, kContents);
  json.field("keep_last", policy.keep_last);
  json.field("keep_best", policy.keep_best);
  json.field("keep_every", policy.keep_every);
};

constexpr auto kFaultFields = [](auto& json, auto& fault) {
  json.field("kind", fault.kind);
  json.field("params", fault.params);
};

constexpr auto kCellFields = [](auto& json, auto& cell) {
  json.field("schema", cell.schema);
  json.field("id", cell.id);
  json.field("suite", cell.suite);
  json.enumeration("kind", cell.kind, kKinds);
  json.field("workload", cell.workload);
  json.field("strategy", cell.strategy);
  json.field("policy", cell.policy);
  json.field("fault", cell.fault);
  json.field("ranks", cell.ranks);
  json.field("seed", cell.seed);
  json.field("device", cell.device);
  json.field("threads", cell.threads);
  json.field("steps", cell.steps);
  json.field("more_steps", cell.more_steps);
  json.field("pairs", cell.pairs);
  json.field("precision_pct", cell.precision_pct);
  json.field("budget_s", cell.budget_s);
  json.field("repeat", cell.repeat);
  json.field("deadline_s", cell.deadline_s);
};

}  // namespace

std::string_view cell_kind_name(CellKind kind) {
  return kKinds.at(static_cast<size_t>(kind));
}

void to_json(nlohmann::json& out, const Selection& value) {
  write_fields(out, value, kSelectionFields);
}

void check_schema(const nlohmann::json& in, std::string_view what) {
  const auto found = in.find("schema");
  if (found == in.end() || *found == kSchema) return;
  throw std::runtime_error(fmt::format("{}: schema {}, expected {}: another version wrote it", what,
                                       found->dump(), kSchema));
}

void from_json(const nlohmann::json& in, Selection& value) {
  read_fields(in, "selection", value, kSelectionFields);
}

void to_json(nlohmann::json& out, const Policy& value) {
  write_fields(out, value, kPolicyFields);
}

void from_json(const nlohmann::json& in, Policy& value) {
  read_fields(in, "policy", value, kPolicyFields);
}

void to_json(nlohmann::json& out, const Fault& value) {
  write_fields(out, value, kFaultFields);
}

void from_json(const nlohmann::json& in, Fault& value) {
  read_fields(in, "fault", value, kFaultFields);
}

void to_json(nlohmann::json& out, const Cell& value) {
  write_fields(out, value, kCellFields);
}

void from_json(const nlohmann::json& in, Cell& value) {
  check_schema(in, "cell");
  read_fields(in, "cell", value, kCellFields);
}

Result<Cell> read_cell(const std::string& path) {
  return read_json_file<Cell>(path);
}

}  // namespace ckptbench
