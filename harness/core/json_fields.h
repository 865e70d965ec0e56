// The JSON of a struct: one function lists its fields, and the same list writes and reads them.
//
//   constexpr auto kFields = [](auto& json, auto& job) {
//     json.enumeration("role", job.role, kRoles);
//     json.field("cell", job.cell);
//   };
//   void to_json(nlohmann::json& out, const Job& value) { write_fields(out, value, kFields); }
//   void from_json(const nlohmann::json& in, Job& value) { read_fields(in, "job", value, kFields);
//   }
//
// Reading is strict: a wrong type, an unknown word or a key that the list does not name is an error
// that names the object and the key. It throws std::runtime_error, which read_json_file turns into
// a value. An absent key leaves the member as it is. Local to one call; no thread rule.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <fstream>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/json_text.h"
#include "harness/core/near_names.h"

namespace ckptbench {

// Nothing when the value is no whole number that a T holds: nlohmann would wrap it around or cut
// it.
template <class T>
std::optional<T> whole_number(const nlohmann::json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    return std::in_range<T>(number) ? std::optional(static_cast<T>(number)) : std::nullopt;
  }
  if (!value.is_number_integer()) return std::nullopt;
  const auto number = value.get<int64_t>();
  return std::in_range<T>(number) ? std::optional(static_cast<T>(number)) : std::nullopt;
}

// Throws std::runtime_error.
inline std::vector<uint64_t> whole_numbers(const nlohmann::json& list) {
  std::vector<uint64_t> numbers;
  if (!list.is_array()) throw std::runtime_error("expected a list of whole numbers");
  for (const nlohmann::json& value : list) {
    const std::optional<uint64_t> number = whole_number<uint64_t>(value);
    if (!number) throw std::runtime_error("expected whole numbers from 0 to 2^64 - 1");
    numbers.push_back(*number);
  }
  return numbers;
}

class JsonReader {
 public:
  JsonReader(const nlohmann::json& object, std::string_view what) : object_(object), what_(what) {
    if (!object.is_object()) throw std::runtime_error(fmt::format("{}: expected an object", what));
  }

  template <class T>
  void field(const std::string& key, T& value) {
    const nlohmann::json* const found = find(key);
    if (found == nullptr) return;
    try {
      read(key, *found, value);
    } catch (const nlohmann::json::exception& error) {
      fail(key, error.what());
    }
  }

  // Written only when there is a value.
  template <class T>
  void optional(const std::string& key, std::optional<T>& value) {
    if (!object_.contains(key)) return;
    T read{};
    field(key, read);
    value = std::move(read);
  }

  // Enumerators in the order of `names`, from 0.
  template <class T>
  void enumeration(const std::string& key, T& value, std::span<const std::string_view> names) {
    if (!object_.contains(key)) return;
    std::string word;
    field(key, word);
    value = enumerator<T>(key, word, names);
  }

  template <class T>
  void optional_enumeration(const std::string& key, std::optional<T>& value,
                            std::span<const std::string_view> names) {
    if (!object_.contains(key)) return;
    T read{};
    enumeration(key, read, names);
    value = read;
  }

  // A container of enumerators, written as a list of words.
  template <class Set>
  void enumeration_set(const std::string& key, Set& values,
                       std::span<const std::string_view> names) {
    std::vector<std::string> words;
    field(key, words);
    for (const std::string& word : words) {
      values.insert(enumerator<typename Set::value_type>(key, word, names));
    }
  }

  // Through a JSON value of another form. Written only when `present`.
  template <class T, class To, class From>
  void converted(const std::string& key, T& value, bool /*present*/, To /*to*/, From from) {
    if (const nlohmann::json* const found = find(key)) value = from(*found);
  }

  // REQUIRES: called last.
  void done() const {
    for (const auto& [key, unused] : object_.items()) {
      bool known = false;
      for (const std::string& name : known_) known = known || name == key;
      if (!known)
        throw std::runtime_error(unknown_name(fmt::format("key in {}", what_), key, known_));
    }
  }

 private:
  template <class T>
  void read(const std::string& key, const nlohmann::json& in, T& value) const {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      const std::optional<T> number = whole_number<T>(in);
      if (!number) {
        fail(key, fmt::format("expected a whole number from {} to {}",
                              std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
      }
      value = *number;
    } else {
      in.get_to(value);
    }
  }

  const nlohmann::json* find(const std::string& key) {
    known_.push_back(key);
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }

  template <class T>
  T enumerator(const std::string& key, const std::string& word,
               std::span<const std::string_view> names) const {
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == word) return static_cast<T>(i);
    }
    fail(key, unknown_name("word", word, std::vector<std::string>(names.begin(), names.end())));
  }

  [[noreturn]] void fail(const std::string& key, const std::string& why) const {
    throw std::runtime_error(fmt::format("{}.{}: {}", what_, key, why));
  }

  const nlohmann::json& object_;
  std::string what_;
  std::vector<std::string> known_;
};

// The same verbs, writing.
class JsonWriter {
 public:
  explicit JsonWriter(nlohmann::json& out) : out_(out) { out_ = nlohmann::json::object(); }

  template <class T>
  void field(const std::string& key, const T& value) {
    out_[key] = value;
  }
  template <class T>
  void optional(const std::string& key, const std::optional<T>& value) {
    if (value) out_[key] = *value;
  }
  template <class T>
  void enumeration(const std::string& key, T value, std::span<const std::string_view> names) {
    out_[key] = names[static_cast<size_t>(value)];
  }
  template <class T>
  void optional_enumeration(const std::string& key, const std::optional<T>& value,
                            std::span<const std::string_view> names) {
    if (value) enumeration(key, *value, names);
  }
  template <class Set>
  void enumeration_set(const std::string& key, const Set& values,
                       std::span<const std::string_view> names) {
    nlohmann::json words = nlohmann::json::array();
    for (const auto value : values) words.push_back(names[static_cast<size_t>(value)]);
    out_[key] = std::move(words);
  }
  template <class T, class To, class From>
  void converted(const std::string& key, const T& value, bool present, To to, From /*from*/) {
    if (present) out_[key] = to(value);
  }

 private:
  nlohmann::json& out_;
};

template <class T, class Fields>
void write_fields(nlohmann::json& out, const T& value, Fields fields) {
  JsonWriter writer(out);
  fields(writer, value);
}

template <class T, class Fields>
void read_fields(const nlohmann::json& in, std::string_view what, T& value, Fields fields) {
  JsonReader reader(in, what);
  fields(reader, value);
  reader.done();
}

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
