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

}  // namespace

std::string_view cell_kind_name(CellKind kind) {
  return kKinds.at(static_cast<size_t>(kind));
}

void to_json(nlohmann::json& out, const Selection& value) {
  out = {{"name", value.name}, {"params", value.params}};
}

void from_json(const nlohmann::json& in, Selection& value) {
  JsonFields fields(in, "selection");
  fields.get("name", value.name);
  fields.get("params", value.params);
  fields.done();
}

void to_json(nlohmann::json& out, const Policy& value) {
  out = {{"every_steps", value.every_steps},
         {"every_s", value.every_s},
         {"every_epochs", value.every_epochs},
         {"manual_file", value.manual_file},
         {"sigterm_grace_s", value.sigterm_grace_s},
         {"monitor", value.monitor},
         {"monitor_max", value.monitor_max},
         {"best_only", value.best_only},
         {"contents", kContents.at(static_cast<size_t>(value.contents))},
         {"keep_last", value.keep_last},
         {"keep_best", value.keep_best},
         {"keep_every", value.keep_every}};
}

void from_json(const nlohmann::json& in, Policy& value) {
  JsonFields fields(in, "policy");
  fields.get("every_steps", value.every_steps);
  fields.get("every_s", value.every_s);
  fields.get("every_epochs", value.every_epochs);
  fields.get("manual_file", value.manual_file);
  fields.get("sigterm_grace_s", value.sigterm_grace_s);
  fields.get("monitor", value.monitor);
  fields.get("monitor_max", value.monitor_max);
  fields.get("best_only", value.best_only);
  fields.get_enum("contents", value.contents, kContents);
  fields.get("keep_last", value.keep_last);
  fields.get("keep_best", value.keep_best);
  fields.get("keep_every", value.keep_every);
  fields.done();
}

void to_json(nlohmann::json& out, const FileRule& value) {
  out = {{"operation", value.operation},
         {"path", value.path},
         {"occurrence", value.occurrence},
         {"when", value.when},
         {"action", value.action}};
}

void from_json(const nlohmann::json& in, FileRule& value) {
  JsonFields fields(in, "rule");
  fields.get("operation", value.operation);
  fields.get("path", value.path);
  fields.get("occurrence", value.occurrence);
  fields.get("when", value.when);
  fields.get("action", value.action);
  fields.done();
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
  JsonFields fields(in, "fault");
  fields.get_enum("kind", value.kind, kFaultKinds);
  fields.get_named("phase", value.phase, parse_phase);
  fields.get_enum("edge", value.edge, kEdges);
  fields.get("occurrence", value.occurrence);
  fields.get("moment", value.moment);
  fields.get("rule", value.rule);
  fields.done();
}

void to_json(nlohmann::json& out, const Cell& value) {
  out = {{"schema", value.schema},     {"id", value.id},
         {"suite", value.suite},       {"kind", cell_kind_name(value.kind)},
         {"workload", value.workload}, {"strategy", value.strategy},
         {"policy", value.policy},     {"fault", value.fault},
         {"ranks", value.ranks},       {"seed", value.seed},
         {"device", value.device},     {"threads", value.threads},
         {"steps", value.steps},       {"more_steps", value.more_steps},
         {"pairs", value.pairs},       {"deadline_s", value.deadline_s}};
}

void from_json(const nlohmann::json& in, Cell& value) {
  JsonFields fields(in, "cell");
  fields.get("schema", value.schema);
  fields.get("id", value.id);
  fields.get("suite", value.suite);
  fields.get_enum("kind", value.kind, kKinds);
  fields.get("workload", value.workload);
  fields.get("strategy", value.strategy);
  fields.get("policy", value.policy);
  fields.get("fault", value.fault);
  fields.get("ranks", value.ranks);
  fields.get("seed", value.seed);
  fields.get("device", value.device);
  fields.get("threads", value.threads);
  fields.get("steps", value.steps);
  fields.get("more_steps", value.more_steps);
  fields.get("pairs", value.pairs);
  fields.get("deadline_s", value.deadline_s);
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
