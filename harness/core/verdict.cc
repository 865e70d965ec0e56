#include "harness/core/verdict.h"

#include <fmt/format.h>

#include <array>

#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

constexpr std::array<VerdictWord, kVerdictCount> kDataWords{{
    {"SILENT-CORRUPT",
     "a state loads without an error, and its parameters are those of no requested save",
     Severity::kWrong},
    {"DIVERGED",
     "the parameters are right; another component, or the training that follows, is not",
     Severity::kWrong},
    {"SILENT-RESTART", "training starts from nothing although a save was acknowledged",
     Severity::kSilent},
    {"LOST-ACK", "what loads is older than the newest acknowledged save", Severity::kSilent},
    {"DETECTED-UNRECOVERABLE", "nothing loads, and the strategy reports it", Severity::kLoud},
    {"NO-FALLBACK",
     "the strategy refuses, although a checkpoint (n) steps back loads when asked for by number",
     Severity::kLoud},
    {"ROLLED-BACK", "a save (n) steps back came back whole; nothing acknowledged is lost",
     Severity::kRolled},
    {"BIT-EXACT",
     "the last requested save came back, every bit of every component; training went on equal to "
     "an undisturbed run, and could be saved and resumed again",
     Severity::kExact},
}};
constexpr std::array<VerdictWord, kFindingCount> kFindingWords{{
    {"HANG", "no progress until the deadline; stacks are kept", Severity::kLoud},
    {"TRAINER-KILLED", "a save ended training that could have gone on", Severity::kLoud},
    {"PERTURBED", "saving changed training", Severity::kLoud},
    {"LEAK", "memory, descriptors, processes or disk use grow with every save", Severity::kLoud},
    {"MISLABELED", "the right bytes under a wrong step", Severity::kLoud},
    {"NAME-MISMATCH", "a full restore accepted missing or unexpected names", Severity::kLoud},
    {"UNDECLARED-BACKGROUND",
     "files changed after save() had returned, and background work is not declared",
     Severity::kLoud},
    {"ACK-CONFLICT",
     "one acknowledgement says that a save is durable, another that the same save failed or was "
     "skipped",
     Severity::kLoud},
    {"EARLY-RETIRE",
     "a checkpoint was deleted that must stay, or before a newer one was acknowledged",
     Severity::kLoud},
    {"CLAIM-MISMATCH", "acknowledged as surviving more, or less, than the strategy claims",
     Severity::kLoud},
    {"SAVE-FAILED", "a save failed that nothing disturbed, or a resumed run cannot save",
     Severity::kLoud},
    {"RETENTION-BROKEN",
     "a checkpoint that retention was told to keep is gone or wrong, one that it let go is still "
     "there, or a request failed that "
     "nothing disturbed",
     Severity::kLoud},
    {"UNREQUESTED-REPORT", "the strategy reports a save of a step that nobody asked for",
     Severity::kLoud},
    {"RESTORE-CRASHED", "the process died in a restore: no refusal that a caller could handle",
     Severity::kLoud},
    {"NEVER-ACKNOWLEDGED",
     "training is never told that a save is durable: only wait() says so, at its end",
     Severity::kLoud},
}};
constexpr std::array<VerdictWord, kOutcomeCount> kOutcomeWords{{
    {"VACUOUS", "the fault never fired", Severity::kUnknown},
    {"ORACLE-INVALID", "two reference runs differ, or the evidence contradicts itself",
     Severity::kUnknown},
    {"NOT-APPLICABLE", "the strategy has no such phase", Severity::kUnknown},
    {"SWEEP-END", "the trial without a fault that ends an exhaustive sweep", Severity::kUnknown},
    {"HARNESS-ERROR", "a process failed for a reason of the harness or the machine",
     Severity::kUnknown},
    {"NOT-RUN", "the strategy's undisturbed run failed, so the trial was left out",
     Severity::kUnknown},
}};

template <size_t N>
constexpr std::array<std::string_view, N> names_of(const std::array<VerdictWord, N>& words) {
  std::array<std::string_view, N> names;
  for (size_t i = 0; i < N; ++i) names[i] = words[i].word;
  return names;
}
constexpr auto kVerdicts = names_of(kDataWords);
constexpr auto kFindings = names_of(kFindingWords);
constexpr auto kOutcomes = names_of(kOutcomeWords);

std::optional<Role> role_from_json(const nlohmann::json& word) {
  const auto role = parse_role(word.get<std::string>());
  if (!role)
    throw std::runtime_error(fmt::format("verdict.component: unknown {}", json_text(word)));
  return role;
}

constexpr auto kVerdictFields = [](auto& json, auto& verdict) {
  json.optional_enumeration("data", verdict.data, kVerdicts);
  json.optional_enumeration("outcome", verdict.outcome, kOutcomes);
  json.converted(
      "component", verdict.component, verdict.component.has_value(),
      [](const std::optional<Role>& role) { return role_name(*role); }, role_from_json);
  json.optional("at_step", verdict.at_step);
  json.field("recovered_step", verdict.recovered_step);
  json.field("last_requested_step", verdict.last_requested_step);
  json.field("floor_step", verdict.floor_step);
  json.field("lost_steps", verdict.lost_steps);
  json.field("lost_s", verdict.lost_s);
  json.field("explanation", verdict.explanation);
  json.enumeration_set("findings", verdict.findings, kFindings);
};

template <class Enum, size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& names, std::string_view name) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

std::string data_text(const Verdict& verdict) {
  if (!verdict.data) return "no data verdict";
  std::string text(verdict_name(*verdict.data));
  const bool counts_steps =
      *verdict.data == DataVerdict::kRolledBack || *verdict.data == DataVerdict::kNoFallback;
  if (counts_steps) text += fmt::format("({})", verdict.lost_steps);
  if (*verdict.data == DataVerdict::kDiverged && verdict.component) {
    text += fmt::format("({})", role_name(*verdict.component));
  }
  return text;
}

}  // namespace

std::span<const VerdictWord> data_words() {
  return kDataWords;
}
std::span<const VerdictWord> finding_words() {
  return kFindingWords;
}
std::span<const VerdictWord> outcome_words() {
  return kOutcomeWords;
}
Severity severity_of(DataVerdict verdict) {
  return kDataWords.at(static_cast<size_t>(verdict)).severity;
}
Severity severity_of(Finding finding) {
  return kFindingWords.at(static_cast<size_t>(finding)).severity;
}

std::string_view verdict_name(DataVerdict value) {
  return kVerdicts.at(static_cast<size_t>(value));
}
std::string_view finding_name(Finding value) {
  return kFindings.at(static_cast<size_t>(value));
}
std::string_view outcome_name(HarnessOutcome value) {
  return kOutcomes.at(static_cast<size_t>(value));
}
std::optional<DataVerdict> parse_verdict(std::string_view name) {
  return parse<DataVerdict>(kVerdicts, name);
}
std::optional<Finding> parse_finding(std::string_view name) {
  return parse<Finding>(kFindings, name);
}

std::string short_text(const Verdict& verdict) {
  std::string text =
      verdict.outcome ? std::string(outcome_name(*verdict.outcome)) : data_text(verdict);
  for (Finding finding : verdict.findings) text += fmt::format(" +{}", finding_name(finding));
  return text;
}

void to_json(nlohmann::json& out, const Verdict& value) {
  write_fields(out, value, kVerdictFields);
}

void from_json(const nlohmann::json& in, Verdict& value) {
  read_fields(in, "verdict", value, kVerdictFields);
}

bool is_sound(const Verdict& verdict) {
  if (!verdict.outcome) return verdict.data.has_value();
  if (*verdict.outcome == HarnessOutcome::kHarnessError) return !verdict.findings.empty();
  return *verdict.outcome != HarnessOutcome::kOracleInvalid;
}

}  // namespace ckptbench
