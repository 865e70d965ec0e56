// JSON from untrusted files: one parser with a depth limit and without duplicate keys, and readers
// of fields that turn every surprise into a JsonSurprise with one line. Time is proportional to the
// text, memory to at most about 30 times its size ("[[],[],…"). Free functions; any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ckptbench {

// Caught by the decoder that started the parse, where it becomes an Error.
class JsonSurprise : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A document whose end needs no memory. That of nlohmann's does, so that a reader which finds none
// would be ended by the destructor.
class StrictJson {
 public:
  StrictJson() = default;
  StrictJson(StrictJson&& other) noexcept : root_(std::move(other.root_)) {}
  StrictJson& operator=(StrictJson&&) = delete;
  ~StrictJson();

  const nlohmann::json& root() const { return root_; }

 private:
  friend StrictJson parse_strict_json(std::string_view text, int max_depth);
  nlohmann::json root_;
};

StrictJson parse_strict_json(std::string_view text, int max_depth);

// All throw JsonSurprise; `what` names the object in the message.
void expect_keys(const nlohmann::json& object, std::string_view what,
                 std::initializer_list<std::string_view> known);
const nlohmann::json& member(const nlohmann::json& object, std::string_view what, const char* key);
uint64_t to_unsigned(const nlohmann::json& value, std::string_view what);
const std::string& to_string(const nlohmann::json& value, std::string_view what);
// An array of exactly `size` elements; 0: of any number.
const nlohmann::json& to_array(const nlohmann::json& value, std::string_view what, size_t size = 0);
// Numbers from 0 to 2^63 - 1.
std::vector<int64_t> to_extents(const nlohmann::json& value, std::string_view what);

}  // namespace ckptbench
