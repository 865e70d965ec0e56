#include "harness/core/recovery.h"

#include <array>

#include "harness/core/digest_json.h"
#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

constexpr std::array<std::string_view, 3> kRecoveryOutcomes{"restored", "nothing", "refused"};

nlohmann::json steps_to_json(const std::vector<StepDigests>& steps) {
  nlohmann::json out = nlohmann::json::array();
  for (const StepDigests& step : steps) {
    out.push_back({{"step", step.step}, {"digests", digests_to_json(step.digests)}});
  }
  return out;
}

std::vector<StepDigests> steps_from_json(const nlohmann::json& in) {
  std::vector<StepDigests> steps;
  for (const nlohmann::json& step : in) {
    steps.push_back({step.at("step").get<uint64_t>(), digests_from_json(step.at("digests"))});
  }
  return steps;
}

constexpr auto kRecoveryFields = [](auto& json, auto& report) {
  json.enumeration("outcome", report.outcome, kRecoveryOutcomes);
  json.field("seq", report.seq);
  json.field("step", report.step);
  json.field("reason", report.reason);
  json.field("by_number", report.by_number);
  json.field("anew", report.anew);
  json.field("asked", report.asked);
  json.field("tried", report.tried);
  json.field("missing", report.missing);
  json.field("unexpected", report.unexpected);
  json.field("unfilled", report.unfilled);
  json.field("load_error", report.load_error);
  json.converted("restored", report.restored, true, digests_to_json, digests_from_json);
  json.converted("continuation", report.continuation, true, steps_to_json, steps_from_json);
  json.field("resaved_step", report.resaved_step);
  json.field("resave_durable", report.resave_durable);
  json.field("resave_error", report.resave_error);
  json.field("restore_ns", report.restore_ns);
};

}  // namespace

void to_json(nlohmann::json& out, const RecoveryReport& value) {
  write_fields(out, value, kRecoveryFields);
}

void from_json(const nlohmann::json& in, RecoveryReport& value) {
  read_fields(in, "recovery report", value, kRecoveryFields);
}

Result<RecoveryReport> read_recovery(const std::string& path) {
  return read_json_file<RecoveryReport>(path);
}

}  // namespace ckptbench
