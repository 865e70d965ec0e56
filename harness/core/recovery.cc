#include "harness/core/recovery.h"

#include <array>

#include "harness/core/digest_json.h"
#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

constexpr std::array<std::string_view, 3> kOutcomes{"restored", "nothing", "refused"};

}  // namespace

void to_json(nlohmann::json& out, const RecoveryReport& value) {
  nlohmann::json continuation = nlohmann::json::array();
  for (const StepDigests& step : value.continuation) {
    continuation.push_back({{"step", step.step}, {"digests", digests_to_json(step.digests)}});
  }
  out = {{"outcome", kOutcomes.at(static_cast<size_t>(value.outcome))},
         {"seq", value.seq},
         {"step", value.step},
         {"reason", value.reason},
         {"missing", value.missing},
         {"unexpected", value.unexpected},
         {"restored", digests_to_json(value.restored)},
         {"continuation", continuation},
         {"resaved_step", value.resaved_step},
         {"resave_durable", value.resave_durable},
         {"resave_error", value.resave_error},
         {"restore_ns", value.restore_ns}};
}

void from_json(const nlohmann::json& in, RecoveryReport& value) {
  JsonFields fields(in, "recovery report");
  fields.get_enum("outcome", value.outcome, kOutcomes);
  fields.get("seq", value.seq);
  fields.get("step", value.step);
  fields.get("reason", value.reason);
  fields.get("missing", value.missing);
  fields.get("unexpected", value.unexpected);
  nlohmann::json restored = nlohmann::json::object();
  fields.get("restored", restored);
  value.restored = digests_from_json(restored);
  nlohmann::json continuation = nlohmann::json::array();
  fields.get("continuation", continuation);
  for (const nlohmann::json& step : continuation) {
    value.continuation.push_back(
        {step.at("step").get<uint64_t>(), digests_from_json(step.at("digests"))});
  }
  fields.get("resaved_step", value.resaved_step);
  fields.get("resave_durable", value.resave_durable);
  fields.get("resave_error", value.resave_error);
  fields.get("restore_ns", value.restore_ns);
  fields.done();
}

Result<RecoveryReport> read_recovery(const std::string& path) {
  return read_json_file<RecoveryReport>(path);
}

}  // namespace ckptbench
