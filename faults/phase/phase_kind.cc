#include "faults/phase/phase_kind.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string_view>

#include "faults/api/draw.h"
#include "harness/core/json_text.h"
#include "harness/core/phase.h"
#include "harness/platform/job_kill.h"

namespace ckptbench {
namespace {

std::vector<std::string> phase_words() {
  std::vector<std::string> words;
  for (int i = 0; i < kPhaseCount; ++i) words.emplace_back(phase_name(static_cast<Phase>(i)));
  return words;
}

const std::vector<std::string> kEdges{"before", "after"};

// Kills the job the occurrence-th time that any of its threads passes that edge of that phase; each
// forked child counts on from what its parent had. Owned by the training loop, set as the hook of
// its trace.
class PhaseKill final : public ArmedFault, public PhaseHook {
 public:
  PhaseKill(Phase phase, Edge edge, uint64_t occurrence, const ArmSite& site)
      : phase_(phase),
        edge_(edge),
        occurrence_(occurrence),
        remaining_(static_cast<int64_t>(occurrence)),
        log_fd_(site.log_fd),
        trace_(site.trace) {
    trace_.set_hook(this);
  }
  ~PhaseKill() override { trace_.set_hook(nullptr); }

  void pass(Phase phase, Edge edge) override {
    if (phase != phase_ || edge != edge_) return;
    if (remaining_.fetch_sub(1, std::memory_order_relaxed) != 1) return;
    if (write_evidence()) job_.kill();
    // A kill without evidence would read as an unexplained death: it is not carried out.
    static constexpr std::string_view kError =
        "ckptbench: the fault log cannot be written, the armed kill is not carried out\n";
    [[maybe_unused]] const ssize_t written = ::write(2, kError.data(), kError.size());
  }

 private:
  bool write_evidence() const {
    char line[200];
    const int length =
        std::snprintf(line, sizeof line,
                      "{\"fault\":\"kill\",\"kind\":\"phase\",\"phase\":\"%s\",\"edge\":\"%s\","
                      "\"occurrence\":%llu,\"pid\":%d}\n",
                      phase_name(phase_).data(), edge_ == Edge::kBefore ? "before" : "after",
                      static_cast<unsigned long long>(occurrence_), static_cast<int>(::getpid()));
    return ::write(log_fd_, line, static_cast<size_t>(length)) == length;
  }

  const Phase phase_;
  const Edge edge_;
  const uint64_t occurrence_;
  std::atomic<int64_t> remaining_;
  const int log_fd_;
  const JobKill job_ = JobKill::of_this_process();
  Trace& trace_;
};

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
  return std::make_unique<PhaseKill>(phase_of(params), edge,
                                     static_cast<uint64_t>(params.integer("occurrence")), site);
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
