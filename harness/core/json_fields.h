// Reads the fields of a JSON object strictly: a wrong type or a key that nobody asked for is an
// error that names the object and the key. Throws std::runtime_error, which read_json_file turns
// into a value. Local to one from_json; no thread rule.
#pragma once

#include <fmt/format.h>

#include <fstream>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/json_text.h"
#include "harness/core/near_names.h"

namespace ckptbench {

class JsonFields {
 public:
  JsonFields(const nlohmann::json& object, std::string_view what) : object_(object), what_(what) {
    if (!object.is_object()) throw std::runtime_error(fmt::format("{}: expected an object", what));
  }

  // Leaves `value` as it is when the key is absent.
  template <class T>
  void get(const std::string& key, T& value) {
    known_.push_back(key);
    const auto found = object_.find(key);
    if (found == object_.end()) return;
    try {
      found->get_to(value);
    } catch (const nlohmann::json::exception& error) {
      throw std::runtime_error(fmt::format("{}.{}: {}", what_, key, error.what()));
    }
  }

  // `parse` maps a word to std::optional<T>.
  template <class T, class Parse>
  void get_named(const std::string& key, T& value, Parse parse) {
    std::string word;
    get(key, word);
    if (word.empty()) return;
    const auto parsed = parse(word);
    if (!parsed) throw std::runtime_error(fmt::format("{}.{}: unknown '{}'", what_, key, word));
    value = *parsed;
  }

  // Enumerators in the order of `names`, from 0.
  template <class T>
  void get_enum(const std::string& key, T& value, std::span<const std::string_view> names) {
    get_named(key, value, [&](const std::string& word) -> std::optional<T> {
      for (size_t i = 0; i < names.size(); ++i) {
        if (names[i] == word) return static_cast<T>(i);
      }
      return std::nullopt;
    });
  }

  // REQUIRES: called last.
  void done() const {
    for (const auto& [key, unused] : object_.items()) {
      bool found = false;
      for (const std::string& name : known_) found = found || name == key;
      if (!found)
        throw std::runtime_error(unknown_name(fmt::format("key in {}", what_), key, known_));
    }
  }

 private:
  const nlohmann::json& object_;
  std::string what_;
  std::vector<std::string> known_;
};

// One JSON document. Errors name the file.
template <class T>
Result<T> read_json_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error{fmt::format("{}: cannot be opened", path)};
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {
    return parse_json(text).get<T>();
  } catch (const std::exception& error) {
    return Error{fmt::format("{}: {}", path, error.what())};
  }
}

}  // namespace ckptbench
