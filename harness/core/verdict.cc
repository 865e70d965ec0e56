#include "harness/core/verdict.h"

#include <fmt/format.h>

#include <array>

#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

constexpr std::array<std::string_view, 7> kVerdicts{
    "SILENT-CORRUPT",         "DIVERGED",    "SILENT-RESTART", "LOST-ACK",
    "DETECTED-UNRECOVERABLE", "ROLLED-BACK", "BIT-EXACT"};
constexpr std::array<std::string_view, 4> kFindings{"HANG", "TRAINER-KILLED", "PERTURBED", "LEAK"};
constexpr std::array<std::string_view, 5> kOutcomes{"VACUOUS", "ORACLE-INVALID", "NOT-APPLICABLE",
                                                    "SWEEP-END", "HARNESS-ERROR"};

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
  if (*verdict.data == DataVerdict::kRolledBack) text += fmt::format("({})", verdict.lost_steps);
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

std::string short_text(const Verdict& verdict) {
  std::string text =
      verdict.outcome ? std::string(outcome_name(*verdict.outcome)) : data_text(verdict);
  for (Finding finding : verdict.findings) text += fmt::format(" +{}", finding_name(finding));
  return text;
}

void to_json(nlohmann::json& out, const Verdict& value) {
  out = {{"recovered_step", value.recovered_step},
         {"last_requested_step", value.last_requested_step},
         {"floor_step", value.floor_step},
         {"lost_steps", value.lost_steps},
         {"lost_s", value.lost_s},
         {"explanation", value.explanation}};
  if (value.data) out["data"] = verdict_name(*value.data);
  if (value.outcome) out["outcome"] = outcome_name(*value.outcome);
  if (value.component) out["component"] = role_name(*value.component);
  if (value.at_step) out["at_step"] = *value.at_step;
  out["findings"] = nlohmann::json::array();
  for (Finding finding : value.findings) out["findings"].push_back(finding_name(finding));
}

void from_json(const nlohmann::json& in, Verdict& value) {
  JsonFields fields(in, "verdict");
  const auto optional_name = [&](const std::string& key, auto& target, auto parse_word) {
    std::remove_reference_t<decltype(*target)> parsed{};
    if (!in.contains(key)) return;
    fields.get_named(key, parsed, parse_word);
    target = parsed;
  };
  optional_name("data", value.data, parse_verdict);
  optional_name("outcome", value.outcome,
                [](std::string_view word) { return parse<HarnessOutcome>(kOutcomes, word); });
  optional_name("component", value.component, parse_role);
  if (in.contains("at_step")) value.at_step.emplace();
  if (value.at_step) fields.get("at_step", *value.at_step);
  fields.get("recovered_step", value.recovered_step);
  fields.get("last_requested_step", value.last_requested_step);
  fields.get("floor_step", value.floor_step);
  fields.get("lost_steps", value.lost_steps);
  fields.get("lost_s", value.lost_s);
  fields.get("explanation", value.explanation);
  std::vector<std::string> findings;
  fields.get("findings", findings);
  for (const std::string& word : findings) {
    const auto finding = parse<Finding>(kFindings, word);
    if (!finding) throw std::runtime_error(fmt::format("verdict.findings: unknown '{}'", word));
    value.findings.insert(*finding);
  }
  fields.done();
}

}  // namespace ckptbench
