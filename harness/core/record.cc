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

nlohmann::json loss_to_json(const LossPoint& point) {
  return {point.step, number_or_null(point.loss), point.run};
}

LossPoint loss_from_json(const nlohmann::json& in) {
  return {in.at(0).get<uint64_t>(), in.at(1).is_null() ? std::nan("") : in.at(1).get<double>(),
          in.at(2).get<std::string>()};
}

// A list written element by element.
constexpr auto list_to = [](auto to_one) {
  return [to_one](const auto& values) {
    nlohmann::json out = nlohmann::json::array();
    for (const auto& value : values) out.push_back(to_one(value));
    return out;
  };
};
constexpr auto list_from = [](auto from_one) {
  return [from_one](const nlohmann::json& in) {
    std::vector<decltype(from_one(in))> values;
    for (const nlohmann::json& value : in) values.push_back(from_one(value));
    return values;
  };
};

constexpr auto kRecordFields = [](auto& json, auto& record) {
  json.field("schema", record.schema);
  json.field("cell", record.cell);
  json.field("started_utc", record.started_utc);
  json.field("wall_s", record.wall_s);
  json.optional("verdict", record.verdict);
  json.field("point", record.point);
  json.field("allowed", record.allowed);
  json.converted("samples", record.samples, true, list_to(samples_to_json),
                 list_from(samples_from_json));
  json.converted("losses", record.losses, true, list_to(loss_to_json), list_from(loss_from_json));
  json.field("observed", record.observed);
  json.field("error", record.error);
};

}  // namespace

void to_json(nlohmann::json& out, const Record& value) {
  write_fields(out, value, kRecordFields);
}

void from_json(const nlohmann::json& in, Record& value) {
  check_schema(in, "record");
  read_fields(in, "record", value, kRecordFields);
}

}  // namespace ckptbench
