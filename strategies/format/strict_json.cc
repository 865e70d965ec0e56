#include "strategies/format/strict_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ckptbench {
namespace {

using nlohmann::json;

// Every number of a checkpoint fits below 2^63, so that sums of two never wrap around.
constexpr uint64_t kLimit = (1ULL << 63) - 1;
constexpr size_t kMaxDimensions = 64;

// Builds the value itself: nlohmann's parser with a callback looks through all elements of an array
// at the end of each of its objects, which a hostile file turns into hours.
class StrictBuilder : public nlohmann::json_sax<json> {
 public:
  StrictBuilder(json& root, int max_depth)
      : root_(root), max_depth_(static_cast<size_t>(max_depth)) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(int64_t value) override { return add(value); }
  bool number_unsigned(uint64_t value) override { return add(value); }
  bool number_float(double value, const std::string& /*text*/) override { return add(value); }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(json::binary_t& /*value*/) override { return false; }  // text has none
  bool start_object(size_t /*elements*/) override { return open(json::object()); }
  bool start_array(size_t /*elements*/) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    auto& members = open_.back()->get_ref<json::object_t&>();
    const auto [place, is_new] = members.emplace(std::move(name), nullptr);
    if (!is_new) throw JsonSurprise(fmt::format("key '{}' appears twice", place->first));
    member_ = &place->second;
    return true;
  }

  bool parse_error(size_t /*position*/, const std::string& /*token*/,
                   const json::exception& error) override {
    throw JsonSurprise(error.what());
  }

 private:
  // Where the value went: an element of the open array, or the member whose key was read last.
  template <class Value>
  json& place(Value&& value) {
    if (open_.empty()) return root_ = std::forward<Value>(value);
    if (open_.back()->is_object()) return *member_ = std::forward<Value>(value);
    return open_.back()->get_ref<json::array_t&>().emplace_back(std::forward<Value>(value));
  }
  template <class Value>
  bool add(Value&& value) {
    place(std::forward<Value>(value));
    return true;
  }
  bool open(json&& empty) {
    if (open_.size() >= max_depth_) throw JsonSurprise("nested too deeply");
    open_.push_back(&place(std::move(empty)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  json& root_;
  size_t max_depth_;
  // The containers that are being read, outermost first. Their addresses hold: an array grows only
  // while none of its elements is open.
  std::vector<json*> open_;
  json* member_ = nullptr;
};

// The destructor of a container allocates for its elements, and that of an empty one does not.
void take_apart(json& value) {
  if (value.is_array()) {
    auto& elements = value.get_ref<json::array_t&>();
    for (json& element : elements) take_apart(element);
    elements.clear();
  } else if (value.is_object()) {
    auto& members = value.get_ref<json::object_t&>();
    for (auto& [key, member] : members) take_apart(member);
    members.clear();
  }
}

}  // namespace

StrictJson::~StrictJson() {
  take_apart(root_);
}

StrictJson parse_strict_json(std::string_view text, int max_depth) {
  StrictJson document;
  StrictBuilder builder(document.root_, max_depth);
  json::sax_parse(text.begin(), text.end(), &builder);
  return document;
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
