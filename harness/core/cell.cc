#include "harness/core/cell.h"

#include <fmt/format.h>

#include <array>

#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

constexpr std::array<std::string_view, 3> kKinds{"measure", "trial", "sweep"};
constexpr std::array<std::string_view, 4> kFaultKinds{"none", "phase", "moment", "file_op"};
constexpr std::array<std::string_view, 2> kContents{"full", "weights"};
constexpr std::array<std::string_view, 2> kEdges{"before", "after"};

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

constexpr auto kRuleFields = [](auto& json, auto& rule) {
  json.field("operation", rule.operation);
  json.field("path", rule.path);
  json.field("occurrence", rule.occurrence);
  json.field("when", rule.when);
  json.field("action", rule.action);
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

void from_json(const nlohmann::json& in, Selection& value) {
  read_fields(in, "selection", value, kSelectionFields);
}

void to_json(nlohmann::json& out, const Policy& value) {
  write_fields(out, value, kPolicyFields);
}

void from_json(const nlohmann::json& in, Policy& value) {
  read_fields(in, "policy", value, kPolicyFields);
}

void to_json(nlohmann::json& out, const FileRule& value) {
  write_fields(out, value, kRuleFields);
}

void from_json(const nlohmann::json& in, FileRule& value) {
  read_fields(in, "rule", value, kRuleFields);
}

void to_json(nlohmann::json& out, const Cell& value) {
  write_fields(out, value, kCellFields);
}

void from_json(const nlohmann::json& in, Cell& value) {
  read_fields(in, "cell", value, kCellFields);
}

void to_json(nlohmann::json& out, const Fault& value) {
  out = {{"kind", kFaultKinds.at(static_cast<size_t>(value.kind))}};
  if (value.kind == Fault::Kind::kPhase) {
    out["phase"] = phase_name(value.phase);
    out["edge"] = kEdges.at(static_cast<size_t>(value.edge));
    out["occurrence"] = value.occurrence;
  }
  if (value.kind == Fault::Kind::kMoment) out["moment"] = value.moment;
  if (value.kind == Fault::Kind::kFileOp) out["rule"] = value.rule;
  if (value.kind == Fault::Kind::kFileOp && value.rule.occurrence == 0) {
    out["moment"] = value.moment;
  }
}

void from_json(const nlohmann::json& in, Fault& value) {
  JsonReader fields(in, "fault");
  fields.enumeration("kind", value.kind, kFaultKinds);
  fields.converted("phase", value.phase, true, phase_name, [](const nlohmann::json& word) {
    const auto phase = parse_phase(word.get<std::string>());
    if (!phase) throw std::runtime_error(fmt::format("fault.phase: unknown '{}'", json_text(word)));
    return *phase;
  });
  fields.enumeration("edge", value.edge, kEdges);
  fields.field("occurrence", value.occurrence);
  fields.field("moment", value.moment);
  fields.field("rule", value.rule);
  fields.done();
}

std::string describe(const Fault& fault) {
  switch (fault.kind) {
    case Fault::Kind::kNone:
      return "none";
    case Fault::Kind::kPhase:
      return fmt::format("kill {} {} #{}", kEdges.at(static_cast<size_t>(fault.edge)),
                         phase_name(fault.phase), fault.occurrence);
    case Fault::Kind::kMoment:
      return fmt::format("kill at {:.1f} % of the run", fault.moment * 100);
    case Fault::Kind::kFileOp:
      return fmt::format("{} {} {} #{} of {}", fault.rule.action, fault.rule.when,
                         fault.rule.operation, fault.rule.occurrence, fault.rule.path);
  }
  return "";
}

Result<Cell> read_cell(const std::string& path) {
  return read_json_file<Cell>(path);
}

}  // namespace ckptbench
