#include "strategies/format/strict_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace ckptbench {
namespace {

using nlohmann::json;

// Every number of a checkpoint fits below 2^63, so that sums of two never wrap around.
constexpr uint64_t kLimit = (1ULL << 63) - 1;
constexpr size_t kMaxDimensions = 64;

}  // namespace

json parse_strict_json(std::string_view text, int max_depth) {
  std::vector<std::set<std::string>> keys;
  const auto guard = [&](int depth, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start) {
      if (depth >= max_depth) throw JsonSurprise("nested too deeply");
    }
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
      throw JsonSurprise(fmt::format("key '{}' appears twice", value.get<std::string>()));
    }
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), guard);
  } catch (const json::exception& error) {
    throw JsonSurprise(error.what());
  }
}

void expect_keys(const json& object, std::string_view what,
                 std::initializer_list<std::string_view> known) {
  if (!object.is_object()) throw JsonSurprise(fmt::format("{}: expected an object", what));
  for (auto it = object.begin(); it != object.end(); ++it) {
    if (std::find(known.begin(), known.end(), it.key()) == known.end()) {
      throw JsonSurprise(fmt::format("{}: unknown key '{}'", what, it.key()));
    }
  }
}

const json& member(const json& object, std::string_view what, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) throw JsonSurprise(fmt::format("{}: no '{}'", what, key));
  return *found;
}

uint64_t to_unsigned(const json& value, std::string_view what) {
  if (!value.is_number_unsigned() || value.get<uint64_t>() > kLimit) {
    throw JsonSurprise(fmt::format("{}: expected a number from 0 to 2^63 - 1", what));
  }
  return value.get<uint64_t>();
}

const std::string& to_string(const json& value, std::string_view what) {
  if (!value.is_string()) throw JsonSurprise(fmt::format("{}: expected a text", what));
  return value.get_ref<const std::string&>();
}

const json& to_array(const json& value, std::string_view what, size_t size) {
  if (!value.is_array() || (size != 0 && value.size() != size)) {
    const std::string count = size == 0 ? "" : fmt::format(" of {} elements", size);
    throw JsonSurprise(fmt::format("{}: expected an array{}", what, count));
  }
  return value;
}

std::vector<int64_t> to_extents(const json& value, std::string_view what) {
  if (to_array(value, what).size() > kMaxDimensions) {
    throw JsonSurprise(fmt::format("{}: more than {} dimensions", what, kMaxDimensions));
  }
  std::vector<int64_t> extents;
  extents.reserve(value.size());
  for (const json& extent : value) {
    extents.push_back(static_cast<int64_t>(to_unsigned(extent, what)));
  }
  return extents;
}

}  // namespace ckptbench
