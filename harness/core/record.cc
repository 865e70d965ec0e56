#include "harness/core/record.h"

#include <cmath>

#include "harness/core/json_fields.h"

namespace ckptbench {
namespace {

// JSON has no NaN; null keeps the sample's place.
nlohmann::json number_or_null(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

nlohmann::json samples_to_json(const Samples& samples) {
  nlohmann::json values = nlohmann::json::array();
  for (double value : samples.values) values.push_back(number_or_null(value));
  return {{"metric", samples.metric}, {"rank", samples.rank}, {"values", values}};
}

Samples samples_from_json(const nlohmann::json& in) {
  Samples samples{in.at("metric").get<std::string>(), in.at("rank").get<uint64_t>(), {}};
  for (const nlohmann::json& value : in.at("values")) {
    samples.values.push_back(value.is_null() ? std::nan("") : value.get<double>());
  }
  return samples;
}

}  // namespace

void to_json(nlohmann::json& out, const Record& value) {
  out = {{"schema", value.schema},     {"cell", value.cell},   {"started_utc", value.started_utc},
         {"wall_s", value.wall_s},     {"point", value.point}, {"allowed", value.allowed},
         {"observed", value.observed}, {"error", value.error}};
  if (value.verdict) out["verdict"] = *value.verdict;
  out["samples"] = nlohmann::json::array();
  for (const Samples& samples : value.samples) out["samples"].push_back(samples_to_json(samples));
  out["losses"] = nlohmann::json::array();
  for (const LossPoint& point : value.losses) {
    out["losses"].push_back({point.step, number_or_null(point.loss), point.run});
  }
}

void from_json(const nlohmann::json& in, Record& value) {
  JsonFields fields(in, "record");
  fields.get("schema", value.schema);
  fields.get("cell", value.cell);
  fields.get("started_utc", value.started_utc);
  fields.get("wall_s", value.wall_s);
  fields.get("point", value.point);
  fields.get("allowed", value.allowed);
  fields.get("observed", value.observed);
  fields.get("error", value.error);
  if (in.contains("verdict")) value.verdict.emplace();
  if (value.verdict) fields.get("verdict", *value.verdict);
  nlohmann::json samples = nlohmann::json::array();
  nlohmann::json losses = nlohmann::json::array();
  fields.get("samples", samples);
  fields.get("losses", losses);
  for (const nlohmann::json& entry : samples) value.samples.push_back(samples_from_json(entry));
  for (const nlohmann::json& point : losses) {
    value.losses.push_back({point.at(0).get<uint64_t>(),
                            point.at(1).is_null() ? std::nan("") : point.at(1).get<double>(),
                            point.at(2).get<std::string>()});
  }
  fields.done();
}

}  // namespace ckptbench
