#include "faults/file_op/file_op_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "faults/api/draw.h"
#include "faults/api/preload_library.h"
#include "faults/file_op/nearest_point.h"
#include "faults/file_op/path_pattern.h"
#include "faults/file_op/rule.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

const std::vector<std::string> kWhens{"before", "after", "partial"};

FileRule rule_of(const Params& params) {
  FileRule rule;
  rule.operation = params.text("operation");
  rule.path = params.text("path");
  rule.occurrence = static_cast<uint64_t>(params.integer("occurrence"));
  rule.when = params.text("when");
  rule.on_its_path = params.text("counted") == "on_its_path";
  return rule;
}

Fault fault_of(const FileRule& rule) {
  Fault fault{"file_op",
              {{"operation", rule.operation},
               {"path", rule.path},
               {"occurrence", fmt::format("{}", rule.occurrence)},
               {"when", rule.when}}};
  if (rule.on_its_path) fault.params["counted"] = "on_its_path";
  return fault;
}

// The address of one of the operations. `varying`: patterns of paths that another run does not
// have.
FileRule point_at(const std::vector<FileOperation>& operations, size_t index,
                  const std::string& when, const std::map<std::string, std::string>& varying) {
  const FileOperation& operation = operations[index];
  const auto found = varying.find(operation.path);
  const std::string path = path_pattern(found == varying.end() ? operation.path : found->second);
  FileRule point{operation.op, path, operation.occurrence, when, true};
  if (point.path == operation.path && operation.occurrence > 0) return point;
  point.on_its_path = false;
  point.occurrence = static_cast<uint64_t>(
      std::count_if(operations.begin(), operations.begin() + static_cast<int64_t>(index) + 1,
                    [&](const FileOperation& other) { return rule_matches(point, other); }));
  return point;
}

// The points of an undisturbed run that the rule matches, each once.
std::vector<FileRule> points_of(const FileRule& rule, const UndisturbedFacts& undisturbed) {
  const std::vector<FileOperation>& operations = undisturbed.operations;
  std::map<std::string, std::string> varying;
  if (!undisturbed.again.empty()) varying = varying_paths(operations, undisturbed.again);
  std::vector<FileRule> points;
  for (size_t i = 0; i < operations.size(); ++i) {
    if (rule_matches(rule, operations[i]))
      points.push_back(point_at(operations, i, rule.when, varying));
  }
  return points;
}

// The point at this share of them, where every kind of operation has as much room as any other: a
// checkpoint has hundreds of writes and one rename, and either may be where it breaks.
const FileRule& point_at_share(const std::vector<FileRule>& points, double share) {
  std::vector<std::vector<size_t>> kinds;  // in order of appearance
  for (size_t i = 0; i < points.size(); ++i) {
    const auto same = [&](const std::vector<size_t>& kind) {
      const FileRule& other = points[kind.front()];
      return other.operation == points[i].operation && other.when == points[i].when;
    };
    auto kind = std::find_if(kinds.begin(), kinds.end(), same);
    if (kind == kinds.end()) kind = kinds.insert(kind, std::vector<size_t>{});
    kind->push_back(i);
  }
  const auto at = [](double part, size_t count) {
    return std::min(static_cast<size_t>(part * static_cast<double>(count)), count - 1);
  };
  const size_t which = at(share, kinds.size());
  const std::vector<size_t>& kind = kinds[which];
  const double rest = share * static_cast<double>(kinds.size()) - static_cast<double>(which);
  return points[kind[at(rest, kind.size())]];
}

// The same point, in the process that the fault is for.
Fault in_its_process(Fault fault, const Params& params) {
  if (params.text("during") == "recovery") {
    fault.params["during"] = "recovery";
    fault.params["first"] = params.text("first");
  }
  return fault;
}

// A point that was drawn stands for those beside it; one that a suite names by its occurrence does
// not.
constexpr char kAmong[] = "among";

std::optional<Fault> nearest(const Params& params, const UndisturbedFacts& undisturbed,
                             const std::vector<FileOperation>& missed) {
  const std::string& among = params.text(kAmong);
  if (among.empty()) return std::nullopt;
  const auto point = nearest_point(rule_of(params), among, undisturbed.operations, missed);
  if (!point) return std::nullopt;
  Fault fault = in_its_process(fault_of(*point), params);
  fault.params[kAmong] = among;
  return fault;
}

// Only a write has a part that can be done.
std::string operation_for(const std::string& when, const std::string& operation) {
  return when == "partial" && operation == "any" ? "write" : operation;
}

struct Draw {
  FileRule rule;
  bool recovery = false;
};

Fault planned(const Draw& draw, Prng& first) {
  Fault fault = fault_of(draw.rule);
  if (!draw.recovery) return fault;
  fault.params["during"] = "recovery";
  fault.params["first"] = share_text(first.uniform());
  return fault;
}

std::vector<NamedFault> plan_one(Draw draw, const FaultGroup& group, const PlanSite& site) {
  std::vector<NamedFault> out;
  FileRule& rule = draw.rule;
  const std::string word = rule.operation + (draw.recovery ? "-recovery" : "");
  const std::string seed_name = fmt::format("{}.file_op-{}-{}", site.stem, word, rule.when);
  Prng first = seeded_draw(site.seed, seed_name + ".first");
  if (site.sweep) {
    rule.occurrence = 0;
    return {{fmt::format("file_op-{}-all-{}", word, rule.when), fault_of(rule)}};
  }
  for (const uint64_t occurrence : group.wholes("occurrences")) {
    rule.occurrence = occurrence;
    out.push_back(
        {fmt::format("file_op-{}-{}-{}", word, occurrence, rule.when), planned(draw, first)});
  }
  rule.occurrence = 0;
  uint64_t number = 0;
  for (const double share : draw_shares(group.whole("count"), seeded_draw(site.seed, seed_name))) {
    Fault fault = planned(draw, first);
    fault.params["share"] = share_text(share);
    out.push_back({fmt::format("file_op-{}-share{}-{}", word, ++number, rule.when), fault});
  }
  return out;
}

std::vector<NamedFault> plan(const FaultGroup& group, const PlanSite& site) {
  std::vector<NamedFault> out;
  for (const std::string& during : group.texts("during")) {
    for (const std::string& operation : group.texts("operations")) {
      for (const std::string& when : group.texts("when")) {
        const FileRule rule{operation_for(when, operation), group.texts("path").front(), 0, when};
        const auto more = plan_one({rule, during == "recovery"}, group, site);
        out.insert(out.end(), more.begin(), more.end());
      }
    }
  }
  return out;
}

std::string check_group(const FaultGroup& group) {
  const bool counted = group.whole("count") > 0;
  return counted != group.texts("occurrences").empty() ? "expected either count or occurrences"
                                                       : "";
}

std::string describe_rule(const Params& params) {
  const FileRule rule = rule_of(params);
  const std::string which = rule.occurrence == 0
                                ? fmt::format("at a share of {:.2f}", params.real("share"))
                                : fmt::format("#{}", rule.occurrence);
  return fmt::format("kill {} {} {} of {}{}", rule.when, rule.operation, which, rule.path,
                     params.text("during") == "recovery" ? " in the recovery" : "");
}

Unmet nothing_to_meet(const FileRule& rule, const UndisturbedFacts& undisturbed) {
  if (undisturbed.unseen.unread) return {HarnessOutcome::kHarnessError, undisturbed.unseen};
  if (!undisturbed.unseen.empty()) return {HarnessOutcome::kVacuous, undisturbed.unseen};
  return {HarnessOutcome::kNotApplicable,
          fmt::format("an undisturbed run makes no {} of {} below its directory",
                      rule.operation == "any" ? "file operation" : rule.operation, rule.path)};
}

std::optional<Unmet> resolve(Fault& fault, const Params& params,
                             const UndisturbedFacts& undisturbed) {
  FileRule rule = rule_of(params);
  // What changes unseen cannot be hit where it matters, and its kills would prove nothing.
  if (!undisturbed.unseen.empty()) return nothing_to_meet(rule, undisturbed);
  if (rule.occurrence > 0) return std::nullopt;
  const std::vector<FileRule> points = points_of(rule, undisturbed);
  if (points.empty()) return nothing_to_meet(rule, undisturbed);
  fault = in_its_process(fault_of(point_at_share(points, params.real("share"))), params);
  fault.params[kAmong] = rule.path;
  return std::nullopt;
}

JobRole armed_in(const Params& params) {
  return params.text("during") == "recovery" ? JobRole::kRecover : JobRole::kTrain;
}

// Before some operation, or half way through a write: what is half done then is left for the
// recovery.
std::optional<Fault> before_recovery(const Params& params, const UndisturbedFacts& undisturbed) {
  std::vector<FileRule> points = points_of(FileRule{}, undisturbed);
  for (FileRule& half : points_of(FileRule{.operation = "write", .when = "partial"}, undisturbed)) {
    points.push_back(std::move(half));
  }
  if (armed_in(params) != JobRole::kRecover || points.empty()) return std::nullopt;
  return fault_of(point_at_share(points, params.real("first")));
}

std::vector<Fault> points(const Params& params, const UndisturbedFacts& undisturbed) {
  std::vector<Fault> faults;
  for (const FileRule& point : points_of(rule_of(params), undisturbed)) {
    faults.push_back(fault_of(point));
  }
  return faults;
}

std::unique_ptr<ArmedFault> arm(const Params& params, const ArmSite& site) {
  arm_preload_library(site, rule_text(rule_of(params)));
  return nullptr;
}

std::string point_of(const nlohmann::json& line) {
  return fmt::format("{} {} {} #{} (operation {})", line.at("when").get<std::string>(),
                     line.at("op").get<std::string>(), line.at("path").get<std::string>(),
                     line.at("occurrence").get<uint64_t>(), line.at("n").get<uint64_t>());
}

}  // namespace

FaultKind file_op_kind() {
  using Type = FaultKey::Type;
  FaultKind kind;
  kind.name = "file_op";
  kind.suite_key = "file_ops";
  kind.summary = "a kill at a file operation below the checkpoint directory";
  kind.column = "kill at a file operation";
  kind.keys = {
      {.name = "operations",
       .type = Type::kWords,
       .defaults = {"any"},
       .words = rule_operations(),
       .in_sweeps = true,
       .sweep_defaults = {"any"}},
      {.name = "when",
       .type = Type::kWords,
       .defaults = {"before"},
       .words = kWhens,
       .in_sweeps = true,
       .sweep_defaults = kWhens},
      {.name = "path",
       .type = Type::kText,
       .defaults = {"*"},
       .in_sweeps = true,
       .sweep_defaults = {"*"}},
      {.name = "count", .type = Type::kWholes, .minimum = 1, .single = true},
      {.name = "occurrences", .type = Type::kWholes, .minimum = 1},
      {.name = "during",
       .type = Type::kWords,
       .defaults = {"training"},
       .words = {"training", "recovery"}},
  };
  kind.params = {
      {"operation", ParamType::kChoice, "any", "which family of calls", rule_operations()},
      {"path", ParamType::kText, "*", "glob below the checkpoint directory", {}},
      {"occurrence", ParamType::kInteger, "1", "which of them; 0: by share", {}, 0},
      {"when", ParamType::kChoice, "before", "of the operation", kWhens},
      {"counted",
       ParamType::kChoice,
       "in_the_job",
       "what the occurrence counts",
       {"in_the_job", "on_its_path"}},
      {"share", ParamType::kReal, "0", "of the points of an undisturbed run", {}, 0, 1},
      {kAmong,
       ParamType::kText,
       "",
       "of a point that was drawn: the glob of paths from which; empty: it was not drawn",
       {}},
      {"during", ParamType::kChoice, "training", "which process", {"training", "recovery"}},
      {"first", ParamType::kReal, "0", "recovery: the share at which training is killed", {}, 0, 1},
  };
  kind.at_file_operations = true;
  kind.compares_runs = true;
  kind.check_group = check_group;
  kind.plan = plan;
  kind.describe = describe_rule;
  kind.armed_in = armed_in;
  kind.before_recovery = before_recovery;
  kind.resolve = resolve;
  kind.nearest = nearest;
  kind.points = points;
  kind.arm = arm;
  kind.point_of = point_of;
  return kind;
}

}  // namespace ckptbench
