#include "harness/suite/toml_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/near_names.h"
#include "harness/core/selection_text.h"
#include "harness/suite/toml_parser.h"

namespace ckptbench {
namespace {

int line_of(const toml::node& node) {
  return static_cast<int>(node.source().begin.line);
}

std::string type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a real number";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or time";
  }
}

// Parameters travel as text; a number is written as the suite has it.
std::string scalar_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return fmt::format("{}", whole->get());
  if (const auto* real = node.as_floating_point()) return fmt::format("{}", real->get());
  if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
  return "";
}

}  // namespace

TomlReader::TomlReader(const toml::table& table, std::string source, std::string what)
    : table_(table), source_(std::move(source)), what_(std::move(what)) {}

int TomlReader::line() const {
  return line_of(table_);
}

void TomlReader::fail(int line, const std::string& message) const {
  throw SuiteError(fmt::format("{}:{}: {}", source_, line, message));
}

void TomlReader::fail_at(const std::string& key, const std::string& message) const {
  const toml::node* node = table_.get(key);
  fail(node ? line_of(*node) : line(), fmt::format("{}: {}", key, message));
}

const toml::node* TomlReader::find(const std::string& key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  return table_.get(key);
}

bool TomlReader::has(const std::string& key) {
  return find(key) != nullptr;
}

std::vector<const toml::node*> TomlReader::items(const std::string& key) {
  std::vector<const toml::node*> out;
  const toml::node* node = find(key);
  if (!node) return out;
  const toml::array* array = node->as_array();
  if (!array) return {node};
  if (array->empty()) fail_at(key, "expected at least one entry, got an empty list");
  for (const toml::node& item : *array) out.push_back(&item);
  return out;
}

std::string TomlReader::text_of(const std::string& key, const toml::node& node) const {
  if (const auto* text = node.as_string()) return text->get();
  fail(line_of(node), fmt::format("{}: expected a string, got {}", key, type_name(node)));
}

uint64_t TomlReader::whole_of(const std::string& key, const toml::node& node, uint64_t minimum,
                              uint64_t maximum) const {
  const auto* whole = node.as_integer();
  if (!whole) {
    fail(line_of(node), fmt::format("{}: expected a whole number, got {}", key, type_name(node)));
  }
  if (whole->get() < 0 || static_cast<uint64_t>(whole->get()) < minimum) {
    fail(line_of(node),
         fmt::format("{}: expected a whole number >= {}, got {}", key, minimum, whole->get()));
  }
  if (static_cast<uint64_t>(whole->get()) > maximum) {
    fail(line_of(node),
         fmt::format("{}: expected a whole number <= {}, got {}", key, maximum, whole->get()));
  }
  return static_cast<uint64_t>(whole->get());
}

double TomlReader::real_of(const std::string& key, const toml::node& node, double minimum,
                           double maximum) const {
  const auto value = node.value<double>();
  if (!value) {
    fail(line_of(node), fmt::format("{}: expected a number, got {}", key, type_name(node)));
  }
  if (!(*value >= minimum && *value <= maximum)) {
    fail(line_of(node),
         fmt::format("{}: expected a number in [{}, {}], got {}", key, minimum, maximum, *value));
  }
  return *value;
}

void TomlReader::check_word(const std::string& key, const toml::node& node, const std::string& word,
                            std::span<const std::string> known) const {
  if (std::find(known.begin(), known.end(), word) != known.end()) return;
  fail(line_of(node), unknown_name(fmt::format("value of {}", key), word, known));
}

void TomlReader::text(const std::string& key, std::string& value) {
  if (const toml::node* node = find(key)) value = text_of(key, *node);
}

void TomlReader::boolean(const std::string& key, bool& value) {
  const toml::node* node = find(key);
  if (!node) return;
  const auto* boolean = node->as_boolean();
  if (!boolean) fail_at(key, fmt::format("expected true or false, got {}", type_name(*node)));
  value = boolean->get();
}

void TomlReader::whole(const std::string& key, uint64_t& value, uint64_t minimum,
                       uint64_t maximum) {
  if (const toml::node* node = find(key)) value = whole_of(key, *node, minimum, maximum);
}

void TomlReader::real(const std::string& key, double& value, double minimum, double maximum) {
  if (const toml::node* node = find(key)) value = real_of(key, *node, minimum, maximum);
}

void TomlReader::word(const std::string& key, std::string& value,
                      std::span<const std::string> words) {
  const toml::node* node = find(key);
  if (!node) return;
  value = text_of(key, *node);
  check_word(key, *node, value, words);
}

void TomlReader::wholes(const std::string& key, std::vector<uint64_t>& values, uint64_t minimum) {
  const auto nodes = items(key);
  if (!nodes.empty()) values.clear();
  for (const toml::node* node : nodes) values.push_back(whole_of(key, *node, minimum, kAnyWhole));
}

void TomlReader::reals(const std::string& key, std::vector<double>& values, double minimum,
                       double maximum) {
  const auto nodes = items(key);
  if (!nodes.empty()) values.clear();
  for (const toml::node* node : nodes) values.push_back(real_of(key, *node, minimum, maximum));
}

void TomlReader::words(const std::string& key, std::vector<std::string>& values,
                       std::span<const std::string> known) {
  const auto nodes = items(key);
  if (!nodes.empty()) values.clear();
  for (const toml::node* node : nodes) {
    values.push_back(text_of(key, *node));
    check_word(key, *node, values.back(), known);
  }
}

Selection TomlReader::selection_of(const std::string& key, const toml::node& node) const {
  if (const auto* text = node.as_string()) {
    auto parsed = parse_selection(text->get());
    if (!parsed) fail(line_of(node), fmt::format("{}: {}", key, parsed.error().message));
    return std::move(parsed).value();
  }
  const toml::table* table = node.as_table();
  if (!table) {
    fail(line_of(node),
         fmt::format("{}: expected a name or a table {{name = …, parameters…}}, got {}", key,
                     type_name(node)));
  }
  Selection selection;
  for (const auto& [name, value] : *table) {
    const std::string text = scalar_text(value);
    if (value.is_table() || value.is_array() || (text.empty() && !value.is_string())) {
      fail(line_of(value), fmt::format("{}: {} must be a string, a number or a boolean, got {}",
                                       key, name.str(), type_name(value)));
    }
    if (name.str() == "name") {
      selection.name = text;
    } else {
      selection.params.emplace(name.str(), text);
    }
  }
  if (selection.name.empty()) fail(line_of(node), fmt::format("{}: a table needs a name", key));
  return selection;
}

void TomlReader::selections(const std::string& key, std::vector<Selection>& values) {
  const auto nodes = items(key);
  if (!nodes.empty()) values.clear();
  for (const toml::node* node : nodes) values.push_back(selection_of(key, *node));
}

std::vector<TomlReader> TomlReader::tables(const std::string& key) {
  std::vector<TomlReader> out;
  for (const toml::node* node : items(key)) {
    const toml::table* table = node->as_table();
    if (!table) {
      fail(line_of(*node), fmt::format("{}: expected a table, got {}", key, type_name(*node)));
    }
    out.emplace_back(*table, source_, key);
  }
  return out;
}

void TomlReader::require(const std::string& key, const std::string& expected) {
  if (has(key) || !absent_.empty()) return;
  absent_ = fmt::format("{}: missing; expected {}", key, expected);
}

void TomlReader::done() const {
  for (const auto& [key, value] : table_) {
    const std::string name(key.str());
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    fail(static_cast<int>(key.source().begin.line),
         unknown_name(fmt::format("key in {}", what_), name, known_));
  }
  if (!absent_.empty()) fail(line(), absent_);
}

}  // namespace ckptbench
