#include "harness/core/verdict.h"

#include <fmt/format.h>

#include <array>

#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

constexpr std::array<std::string_view, 8> kVerdicts{
    "SILENT-CORRUPT",         "DIVERGED",    "SILENT-RESTART", "LOST-ACK",
    "DETECTED-UNRECOVERABLE", "NO-FALLBACK", "ROLLED-BACK",    "BIT-EXACT"};
constexpr std::array<std::string_view, 10> kFindings{
    "HANG",          "TRAINER-KILLED",        "PERTURBED",    "LEAK",         "MISLABELED",
    "NAME-MISMATCH", "UNDECLARED-BACKGROUND", "ACK-CONFLICT", "EARLY-RETIRE", "CLAIM-MISMATCH"};
constexpr std::array<std::string_view, 6> kOutcomes{"VACUOUS",   "ORACLE-INVALID", "NOT-APPLICABLE",
                                                    "SWEEP-END", "HARNESS-ERROR",  "NOT-RUN"};

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

}  // namespace ckptbench
