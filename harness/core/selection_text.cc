#include "harness/core/selection_text.h"

#include <fmt/format.h>

#include <cctype>
#include <vector>

namespace ckptbench {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end = text.find(separator); end != std::string::npos;
       end = text.find(separator, begin)) {
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::string slug(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool safe = std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '+';
    if (safe) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  return out;
}

}  // namespace

Result<Selection> parse_selection(const std::string& text) {
  Selection selection{text, {}};
  const size_t colon = text.rfind(':');
  if (colon != std::string::npos && text.find('=', colon) != std::string::npos) {
    selection.name = text.substr(0, colon);
    for (const std::string& item : split(text.substr(colon + 1), ',')) {
      const size_t equals = item.find('=');
      if (equals == 0 || equals == std::string::npos) {
        return Error{fmt::format("'{}': expected NAME:key=value,…, got '{}'", text, item)};
      }
      const auto [unused, fresh] =
          selection.params.emplace(item.substr(0, equals), item.substr(equals + 1));
      if (!fresh) return Error{fmt::format("'{}': '{}' is given twice", text, unused->first)};
    }
  }
  if (selection.name.empty()) return Error{fmt::format("'{}': expected a name", text)};
  return selection;
}

std::string selection_text(const Selection& selection) {
  std::string out = selection.name;
  char separator = ':';
  for (const auto& [key, value] : selection.params) {
    out += fmt::format("{}{}={}", separator, key, value);
    separator = ',';
  }
  return out;
}

std::string selection_slug(const Selection& selection) {
  std::string out = slug(selection.name);
  for (const auto& [key, value] : selection.params) {
    out += fmt::format("-{}-{}", slug(key), slug(value));
  }
  return out;
}

}  // namespace ckptbench
