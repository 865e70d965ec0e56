#include "results/row_conditions.h"

#include <algorithm>

#include "results/figure_text.h"

namespace ckptbench {
namespace {

std::string text_of(const nlohmann::json& value) {
  if (value.is_string())
    return value.get<std::string>().empty() ? "none" : value.get<std::string>();
  return value.is_number_float() ? format_number(value.get<double>()) : value.dump();
}

}  // namespace

nlohmann::json conditions_of(const Cell& cell) {
  nlohmann::json conditions = cell.policy;
  conditions["threads"] = cell.threads;
  conditions["ranks"] = cell.ranks;
  conditions["steps"] = cell.steps;
  return conditions;
}

std::vector<std::string> conditions_texts(const std::vector<nlohmann::json>& conditions) {
  std::vector<std::string> texts(conditions.size());
  if (conditions.empty()) return texts;
  for (const auto& [key, first] : conditions.front().items()) {
    const auto same = [&, key = key, first = first](const nlohmann::json& other) {
      return other.at(key) == first;
    };
    if (std::all_of(conditions.begin(), conditions.end(), same)) continue;
    for (size_t i = 0; i < texts.size(); ++i) {
      texts[i] += (texts[i].empty() ? "" : ", ") + key + " " + text_of(conditions[i].at(key));
    }
  }
  return texts;
}

}  // namespace ckptbench
