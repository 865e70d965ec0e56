#include "faults/file_op/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "faults/file_op/preload/text.h"
#include "harness/core/near_names.h"

namespace ckptbench {
namespace {

Status expect_one_of(std::string_view what, const std::string& word,
                     const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), word) != known.end()) return {};
  return Error{unknown_name(what, word, known)};
}

Result<uint64_t> parse_occurrence(const std::string& word) {
  uint64_t value = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  if (error != std::errc() || stop != end || value == 0) {
    return Error{fmt::format("occurrence '{}': expected a whole number from 1", word)};
  }
  return value;
}

// Only the path may contain spaces: two words stand before it, two behind.
std::vector<std::string> split_rule(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  if (words.size() <= 5) return words;
  std::string path = words[2];
  for (size_t i = 3; i + 2 < words.size(); ++i) path += " " + words[i];
  return {words[0], words[1], path, words[words.size() - 2], words.back()};
}

Status check_rule(const FileRule& rule) {
  if (Status s = expect_one_of("operation", rule.operation, rule_operations()); !s) return s;
  if (Status s = expect_one_of("time", rule.when, {"before", "after", "partial"}); !s) return s;
  if (rule.when == "partial" && rule.operation != "write" && rule.operation != "any") {
    return Error{
        fmt::format("'partial' halves a write; the operation is '{}', expected 'write' or 'any'",
                    rule.operation)};
  }
  return {};
}

}  // namespace

const std::vector<std::string>& rule_operations() {
  static const std::vector<std::string> kOperations{"any",    "open",     "write",  "fsync",
                                                    "rename", "link",     "unlink", "mkdir",
                                                    "rmdir",  "truncate", "close"};
  return kOperations;
}

std::string rule_text(const FileRule& rule) {
  return fmt::format("kill {} {} {}{} {}", rule.operation, rule.path, rule.on_its_path ? "#" : "",
                     rule.occurrence, rule.when);
}

Result<FileRule> parse_rule(const std::string& text) {
  const std::vector<std::string> words = split_rule(text);
  if (words.size() != 5) {
    return Error{
        fmt::format("rule '{}': expected 'action operation path occurrence when', "
                    "for example 'kill write *.tmp 3 before'",
                    text)};
  }
  const bool on_its_path = words[3].starts_with("#");
  const auto occurrence = parse_occurrence(words[3].substr(on_its_path ? 1 : 0));
  if (!occurrence) return Error{fmt::format("rule '{}': {}", text, occurrence.error().message)};
  FileRule rule{words[1], words[2], occurrence.value(), words[4], on_its_path};
  Status status = expect_one_of("action", words[0], {"kill"});
  if (status) status = check_rule(rule);
  if (!status) {
    return Error{fmt::format("rule '{}': {}", text, status.error().message)};
  }
  return rule;
}

bool rule_matches(const FileRule& rule, const FileOperation& operation) {
  if (rule.operation != "any" && rule.operation != operation.op) return false;
  if (rule.when == "partial" && operation.op != "write") return false;
  const auto matches = [&](const std::string& path) {
    return ckptfault::glob_matches(rule.path.c_str(), path.c_str());
  };
  return matches(operation.path) ||
         (!rule.on_its_path && !operation.to.empty() && matches(operation.to));
}

}  // namespace ckptbench
