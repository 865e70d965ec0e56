#include "harness/core/retained_report.h"

#include "harness/core/digest_json.h"
#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

nlohmann::json listed_to_json(const std::vector<ListedCheckpoint>& listed) {
  nlohmann::json out = nlohmann::json::array();
  for (const ListedCheckpoint& one : listed) out.push_back({{"seq", one.seq}, {"step", one.step}});
  return out;
}

std::vector<ListedCheckpoint> listed_from_json(const nlohmann::json& in) {
  std::vector<ListedCheckpoint> listed;
  for (const nlohmann::json& one : in) {
    listed.push_back({one.at("seq").get<uint64_t>(), one.at("step").get<uint64_t>()});
  }
  return listed;
}

nlohmann::json asked_to_json(const std::vector<AskedCheckpoint>& asked) {
  nlohmann::json out = nlohmann::json::array();
  for (const AskedCheckpoint& one : asked) {
    out.push_back({{"seq", one.seq},
                   {"step", one.step},
                   {"error", one.error},
                   {"digests", digests_to_json(one.digests)}});
  }
  return out;
}

std::vector<AskedCheckpoint> asked_from_json(const nlohmann::json& in) {
  std::vector<AskedCheckpoint> asked;
  for (const nlohmann::json& one : in) {
    asked.push_back({one.at("seq").get<uint64_t>(), one.at("step").get<uint64_t>(),
                     one.at("error").get<std::string>(), digests_from_json(one.at("digests"))});
  }
  return asked;
}

constexpr auto kRetainedFields = [](auto& json, auto& report) {
  json.field("restores_by_number", report.restores_by_number);
  json.converted("listed", report.listed, true, listed_to_json, listed_from_json);
  json.converted("asked", report.asked, true, asked_to_json, asked_from_json);
};

}  // namespace

void to_json(nlohmann::json& out, const RetainedReport& value) {
  write_fields(out, value, kRetainedFields);
}

void from_json(const nlohmann::json& in, RetainedReport& value) {
  read_fields(in, "report of what is retained", value, kRetainedFields);
}

Result<RetainedReport> read_retained(const std::string& path) {
  return read_json_file<RetainedReport>(path);
}

}  // namespace ckptbench
