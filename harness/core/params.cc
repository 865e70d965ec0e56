#include "harness/core/params.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"
#include "harness/core/near_names.h"

namespace ckptbench {
namespace {

template <class Number>
std::optional<Number> parse_number(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// " in [1, 9]". Empty: the row sets no bounds.
std::string range_text(const ParamInfo& info) {
  const bool below = info.minimum > ParamInfo().minimum;
  const bool above = info.maximum < ParamInfo().maximum;
  if (below && above) return fmt::format(" in [{}, {}]", info.minimum, info.maximum);
  if (below) return fmt::format(" of at least {}", info.minimum);
  return above ? fmt::format(" of at most {}", info.maximum) : "";
}

std::string expectation(const ParamInfo& info) {
  switch (info.type) {
    case ParamType::kBool:
      return "true or false";
    case ParamType::kInteger:
      return "a whole number" + range_text(info);
    case ParamType::kReal:
      return "a number" + range_text(info);
    case ParamType::kChoice:
      return fmt::format("one of {}", fmt::join(info.choices, ", "));
    case ParamType::kText:
      return "text";
  }
  return "";
}

bool fits(const ParamInfo& info, const std::string& text) {
  const auto in_range = [&](double value) {
    return value >= info.minimum && value <= info.maximum;
  };
  switch (info.type) {
    case ParamType::kBool:
      return text == "true" || text == "false";
    case ParamType::kInteger: {
      const auto value = parse_number<int64_t>(text);
      return value && in_range(static_cast<double>(*value));
    }
    case ParamType::kReal: {
      const auto value = parse_number<double>(text);
      return value && in_range(*value);
    }
    case ParamType::kChoice:
      return std::find(info.choices.begin(), info.choices.end(), text) != info.choices.end();
    case ParamType::kText:
      return true;
  }
  return false;
}

constexpr std::array<std::string_view, 5> kTypeNames{"bool", "integer", "real", "text", "choice"};

constexpr auto kInfoFields = [](auto& json, auto& info) {
  json.field("name", info.name);
  json.enumeration("type", info.type, kTypeNames);
  json.field("default", info.default_value);
  json.field("help", info.help);
  json.field("choices", info.choices);
  json.field("minimum", info.minimum);
  json.field("maximum", info.maximum);
};

}  // namespace

Result<Params> Params::make(std::string_view owner, const std::vector<ParamInfo>& rows,
                            const ParamText& given) {
  std::vector<std::string> names;
  Params params;
  for (const ParamInfo& row : rows) {
    names.push_back(row.name);
    params.values_[row.name] = row.default_value;
  }
  for (const auto& entry : given) {
    const std::string& name = entry.first;
    const std::string& value = entry.second;
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const ParamInfo& info) { return info.name == name; });
    if (row == rows.end()) {
      if (names.empty()) return Error{fmt::format("{} takes no parameters, got '{}'", owner, name)};
      return Error{unknown_name(fmt::format("parameter of {}", owner), name, names)};
    }
    if (!fits(*row, value)) {
      return Error{
          fmt::format("{}: {} = '{}', expected {}", owner, name, value, expectation(*row))};
    }
    params.values_[name] = value;
  }
  return params;
}

bool Params::boolean(const std::string& name) const {
  return values_.at(name) == "true";
}
int64_t Params::integer(const std::string& name) const {
  return parse_number<int64_t>(values_.at(name)).value();
}
double Params::real(const std::string& name) const {
  return parse_number<double>(values_.at(name)).value();
}
const std::string& Params::text(const std::string& name) const {
  return values_.at(name);
}

void to_json(nlohmann::json& out, const ParamInfo& info) {
  write_fields(out, info, kInfoFields);
}

void from_json(const nlohmann::json& in, ParamInfo& info) {
  read_fields(in, "parameter", info, kInfoFields);
}

}  // namespace ckptbench
