// Reads one TOML table strictly: a wrong type, a value out of range or an unknown key
// is a SuiteError that names file and line. Only toml_reader.cc and suite.cc know toml++.
// Local to one parse; no thread rule.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/core/cell.h"

namespace toml {
inline namespace v3 {
class node;
class table;
}  // namespace v3
}  // namespace toml

namespace ckptbench {

// Thrown while a suite is read, caught once in parse_suite. what() is "file:line: …".
class SuiteError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class TomlReader {
 public:
  static constexpr uint64_t kAnyWhole = ~0ULL;

  // `what` names the table in errors: "[[trial]]". The table must outlive the reader.
  TomlReader(const toml::table& table, std::string source, std::string what);

  bool has(const std::string& key);
  // done() tells that it is absent: "workloads: missing; expected a list of names". A key that is
  // only written wrong is told as such.
  void require(const std::string& key, const std::string& expected);
  // Each leaves `value` as it is when the key is absent.
  void text(const std::string& key, std::string& value);
  void boolean(const std::string& key, bool& value);
  void whole(const std::string& key, uint64_t& value, uint64_t minimum,
             uint64_t maximum = kAnyWhole);
  void real(const std::string& key, double& value, double minimum, double maximum);
  // One of `words`.
  void word(const std::string& key, std::string& value, std::span<const std::string> words);
  // Lists. A single value stands for a list of one; an empty list is an error.
  void wholes(const std::string& key, std::vector<uint64_t>& values, uint64_t minimum);
  void reals(const std::string& key, std::vector<double>& values, double minimum, double maximum);
  void words(const std::string& key, std::vector<std::string>& values,
             std::span<const std::string> known);
  void selections(const std::string& key, std::vector<Selection>& values);
  // Inline tables and arrays of tables.
  std::vector<TomlReader> tables(const std::string& key);

  // REQUIRES: called last. The first key that was not read is an error with near names; then the
  // first that is required and absent.
  void done() const;

  int line() const;
  [[noreturn]] void fail(int line, const std::string& message) const;
  [[noreturn]] void fail_at(const std::string& key, const std::string& message) const;

 private:
  const toml::node* find(const std::string& key);
  std::vector<const toml::node*> items(const std::string& key);
  std::string text_of(const std::string& key, const toml::node& node) const;
  uint64_t whole_of(const std::string& key, const toml::node& node, uint64_t minimum,
                    uint64_t maximum) const;
  double real_of(const std::string& key, const toml::node& node, double minimum,
                 double maximum) const;
  void check_word(const std::string& key, const toml::node& node, const std::string& word,
                  std::span<const std::string> known) const;
  Selection selection_of(const std::string& key, const toml::node& node) const;

  const toml::table& table_;
  std::string source_;
  std::string what_;
  std::vector<std::string> known_;
  std::string absent_;  // the first that is required; empty: none
};

}  // namespace ckptbench
