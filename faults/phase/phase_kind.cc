#include "faults/phase/phase_kind.h"

#include <fmt/format.h>

#include "faults/api/draw.h"
#include "harness/core/json_text.h"
#include "harness/core/phase.h"

namespace ckptbench {
namespace {

std::vector<std::string> phase_words() {
  std::vector<std::string> words;
  for (int i = 0; i < kPhaseCount; ++i) words.emplace_back(phase_name(static_cast<Phase>(i)));
  return words;
}

const std::vector<std::string> kEdges{"before", "after"};

Phase phase_of(const Params& params) {
  return parse_phase(params.text("phase")).value();
}

std::vector<NamedFault> plan(const FaultGroup& group, const PlanSite& site) {
  std::vector<NamedFault> out;
  for (const std::string& phase : group.texts("names")) {
    for (const std::string& edge : group.texts("edges")) {
      for (const std::string& occurrence : group.texts("occurrences")) {
        out.push_back({fmt::format("phase-{}-{}-{}", phase, edge, occurrence),
                       {"phase", {{"phase", phase}, {"edge", edge}, {"occurrence", occurrence}}}});
      }
    }
  }
  const uint64_t sample = group.whole("sample");
  if (sample == 0) return out;
  return draw_sample(std::move(out), sample, seeded_draw(site.seed, site.stem + ".phase"));
}

std::string describe_phase(const Params& params) {
  return fmt::format("kill {} {} #{}", params.text("edge"), params.text("phase"),
                     params.text("occurrence"));
}

std::optional<Unmet> applies(const Params& params, bool opaque) {
  if (!opaque) return std::nullopt;
  return Unmet{HarnessOutcome::kNotApplicable,
               fmt::format("the strategy is opaque: it has no phase {}", params.text("phase"))};
}

JobRole armed_in(const Params& params) {
  return phase_of(params) == Phase::kRestore ? JobRole::kRecover : JobRole::kTrain;
}

std::optional<Unmet> resolve(Fault&, const Params& params, const UndisturbedFacts& undisturbed) {
  if (armed_in(params) == JobRole::kRecover) return std::nullopt;
  const auto count = undisturbed.phases.find(params.text("phase"));
  if (count == undisturbed.phases.end() || count->second > 0) return std::nullopt;
  return Unmet{HarnessOutcome::kNotApplicable,
               fmt::format("an undisturbed run never passes the phase {}", params.text("phase"))};
}

std::unique_ptr<ArmedFault> arm(const Params& params, const ArmSite& site) {
  const Edge edge = params.text("edge") == "before" ? Edge::kBefore : Edge::kAfter;
  site.trace.arm_kill(phase_of(params), edge, static_cast<uint64_t>(params.integer("occurrence")),
                      site.log_fd);
  return nullptr;
}

std::string point_of(const nlohmann::json& line) {
  return fmt::format("{} phase {} #{}", line.at("edge").get<std::string>(),
                     line.at("phase").get<std::string>(), line.at("occurrence").get<uint64_t>());
}

}  // namespace

FaultKind phase_kind() {
  using Type = FaultKey::Type;
  FaultKind kind;
  kind.name = "phase";
  kind.suite_key = "phases";
  kind.summary = "a kill at an edge of a phase of the strategy";
  kind.column = "kill at a phase";
  kind.keys = {
      {.name = "names", .type = Type::kWords, .defaults = phase_words(), .words = phase_words()},
      {.name = "edges", .type = Type::kWords, .defaults = kEdges, .words = kEdges},
      {.name = "occurrences", .type = Type::kWholes, .defaults = {"1"}, .minimum = 1},
      {.name = "sample", .type = Type::kWholes, .minimum = 1, .single = true},
  };
  kind.params = {
      {"phase", ParamType::kChoice, "capture", "where the strategy is", phase_words()},
      {"edge", ParamType::kChoice, "before", "which end of the phase", kEdges},
      {"occurrence", ParamType::kInteger, "1", "how often it was passed then", {}, 1},
  };
  kind.plan = plan;
  kind.describe = describe_phase;
  kind.applies = applies;
  kind.armed_in = armed_in;
  kind.resolve = resolve;
  kind.arm = arm;
  kind.point_of = point_of;
  return kind;
}

}  // namespace ckptbench
