#include "harness/run/description.h"

#include <fmt/format.h>

#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

NamedInfo parse_info(const nlohmann::json& in) {
  NamedInfo info;
  in.at("name").get_to(info.name);
  in.at("summary").get_to(info.summary);
  info.source = in.value("source", "");
  info.survives = in.value("survives", "");
  info.group = in.value("group", in.value("kind", ""));
  info.opaque = in.value("opaque", false);
  info.may_skip = in.value("may_skip", false);
  info.retains = in.value("retains", true);
  if (in.contains("params")) in.at("params").get_to(info.params);
  return info;
}

std::vector<NamedInfo> parse_infos(const nlohmann::json& in) {
  std::vector<NamedInfo> out;
  for (const nlohmann::json& entry : in) out.push_back(parse_info(entry));
  return out;
}

}  // namespace

Result<Description> parse_description(const std::string& text) {
  try {
    const nlohmann::json in = parse_json(text);
    Description description;
    description.workloads = parse_infos(in.at("workloads"));
    description.strategies = parse_infos(in.at("strategies"));
    description.stages = parse_infos(in.at("stages"));
    in.at("cuda").get_to(description.cuda);
    in.at("python").get_to(description.python);
    description.versions = in.at("versions");
    return description;
  } catch (const nlohmann::json::exception& error) {
    return Error{fmt::format("ckpt-worker describe: {}", error.what())};
  }
}

Result<NamedInfo> parse_answer(const nlohmann::json& answer) {
  try {
    if (!answer.at("ok").get<bool>()) return Error{answer.at("error").get<std::string>()};
    return parse_info(answer.at("info"));
  } catch (const nlohmann::json::exception& error) {
    return Error{fmt::format("ckpt-worker check: {}", error.what())};
  }
}

bool is_broken(const NamedInfo& strategy) {
  return strategy.group == "broken";
}

}  // namespace ckptbench
