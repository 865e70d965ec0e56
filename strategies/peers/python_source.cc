#include "strategies/peers/python_source.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <optional>
#include <regex>
#include <span>
#include <sstream>

#include "harness/core/survives_claim.h"

namespace ckptbench {
namespace {

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// "a, b=(1, 2), c='x,y'" -> the three of them.
std::vector<std::string> split_arguments(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}') {
      --depth;
    }
    if (c == ',' && depth == 0 && quote == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// A Python literal as the text that a suite file would give.
ParamInfo param_of(const std::string& name, const std::string& literal) {
  static const std::regex integer("[-+]?[0-9]+");
  static const std::regex real("[-+]?([0-9]+\\.[0-9]*|\\.?[0-9]+)([eE][-+]?[0-9]+)?");
  ParamInfo info;
  info.name = name;
  info.default_value = literal;
  info.help = "argument of __init__";
  if (literal == "True" || literal == "False") {
    info.type = ParamType::kBool;
    info.default_value = literal == "True" ? "true" : "false";
  } else if (std::regex_match(literal, integer)) {
    info.type = ParamType::kInteger;
  } else if (std::regex_match(literal, real)) {
    info.type = ParamType::kReal;
  } else if (literal.size() >= 2 && (literal.front() == '"' || literal.front() == '\'')) {
    info.default_value = literal.substr(1, literal.size() - 2);
  }
  return info;
}

std::vector<ParamInfo> params_of(const std::string& arguments) {
  std::vector<ParamInfo> params;
  const std::vector<std::string> parts = split_arguments(arguments);
  for (size_t i = 2; i < parts.size(); ++i) {  // after self and directory
    const std::string part = trimmed(parts[i]);
    if (part.empty() || part.front() == '*' || part == "/") continue;
    const auto equals = part.find('=');
    const std::string name = trimmed(part.substr(0, std::min(equals, part.find(':'))));
    params.push_back(
        param_of(name, equals == std::string::npos ? "" : trimmed(part.substr(equals + 1))));
  }
  return params;
}

// From after the opening parenthesis to its partner.
std::string until_closed(const std::string& text, size_t begin) {
  int depth = 1;
  size_t end = begin;
  while (end < text.size() && depth > 0) {
    if (text[end] == '(') ++depth;
    if (text[end] == ')') --depth;
    ++end;
  }
  return text.substr(begin, depth == 0 ? end - begin - 1 : std::string::npos);
}

// A text without the content of its strings and comments; every line stays.
std::string without_strings(std::string text) {
  std::string closing;  // of the string that is open
  bool comment = false;
  for (size_t at = 0; at < text.size(); ++at) {
    char& c = text[at];
    if (c == '\n') {
      comment = false;
      if (closing.size() == 1) closing.clear();  // never closed
    } else if (comment) {
      c = ' ';
    } else if (!closing.empty()) {
      const bool ends = text.compare(at, closing.size(), closing) == 0;
      if (c == '\\' && at + 1 < text.size() && text[at + 1] != '\n') text[++at] = ' ';
      if (ends) at += closing.size() - 1;
      if (ends) closing.clear();
      if (!ends) c = ' ';
    } else if (c == '\'' || c == '"') {
      closing = text.compare(at, 3, std::string(3, c)) == 0 ? std::string(3, c) : std::string(1, c);
      at += closing.size() - 1;
    } else if (c == '#') {
      comment = true;
      c = ' ';
    }
  }
  return text;
}

std::vector<std::string> trimmed_parts(const std::string& text) {
  std::vector<std::string> parts;
  for (const std::string& part : split_arguments(text)) {
    if (!trimmed(part).empty()) parts.push_back(trimmed(part));
  }
  return parts;
}

// What stands before each statement of a class's body.
std::string margin_of(const std::string& text) {
  const size_t first = std::min(text.find_first_not_of(" \t\n"), text.size());
  const size_t line = text.rfind('\n', first) + 1;
  return text.substr(line, first - line);
}

// `body` begins at the end of the class's line. Functions inside of methods are indented further.
std::vector<PythonMethod> methods_of(const std::string& body, uint64_t class_line) {
  static const std::regex method(
      "\\n([ \\t]+)((?:@[^\\n]*\\s+)*)(?:async\\s+)?def\\s+([A-Za-z_][A-Za-z_0-9]*)\\s*\\(");
  const std::string text = without_strings(body);
  std::vector<PythonMethod> methods;
  const std::string margin = margin_of(text);
  for (std::sregex_iterator at(text.begin(), text.end(), method), end; at != end; ++at) {
    if ((*at)[1] != margin) continue;
    PythonMethod& found = methods.emplace_back();
    found.name = (*at)[3];
    const auto name = text.begin() + at->position(3);
    found.line = class_line + static_cast<uint64_t>(std::count(text.begin(), name, '\n'));
    found.decorated = (*at)[2].length() > 0;
    found.parameters =
        trimmed_parts(until_closed(text, static_cast<size_t>(at->position() + at->length())));
  }
  return methods;
}

// With or without an annotation. What stands further in is a parameter or a variable.
std::regex attribute(const std::string& margin, const std::string& name, const std::string& value) {
  return std::regex("\\n" + margin + name + "\\s*(?::[^=\\n]*)?=\\s*" + value);
}

void read_body(const std::string& body, uint64_t class_line, PythonClass& found) {
  static const std::regex docstring("^\\s*[rR]?\"\"\"\\s*([^\"\\n]*)");
  static const std::regex url("https?://[^\\s\"')>]*[A-Za-z0-9/]");
  const std::string margin = margin_of(without_strings(body));
  const std::regex survives = attribute(margin, "survives", "[\"']([^\"'\\n]*)[\"']");
  const std::regex background = attribute(margin, "background", "(True|False)");
  const std::regex may_skip = attribute(margin, "may_skip", "(True|False)");
  static const std::regex init("\\n\\s+def __init__\\s*\\(");
  std::smatch match;
  if (std::regex_search(body, match, docstring)) {
    found.summary = trimmed(match[1]);
    const std::string text = body.substr(0, body.find("\"\"\"", match.position() + match.length()));
    if (std::regex_search(text, match, url)) found.source = match[0];
  }
  if (std::regex_search(body, match, survives)) {
    const Result<Survives> claim = read_claim(match[1].str());
    if (claim) found.survives = claim.value();
    if (!claim) found.claim_error = claim.error().message;
  }
  if (std::regex_search(body, match, background)) found.background = match[1] == "True";
  if (std::regex_search(body, match, may_skip)) found.may_skip = match[1] == "True";
  found.methods = methods_of(body, class_line);
  if (std::regex_search(body, match, init)) {
    found.params = params_of(until_closed(body, match.position() + match.length()));
  }
}

// Attributes and methods that the class does not have itself.
void inherit(const PythonClass& base, PythonClass& found) {
  if (!found.survives && found.claim_error.empty()) {
    found.survives = base.survives;
    found.claim_error = base.claim_error;
  }
  if (!found.background) found.background = base.background;
  if (!found.may_skip) found.may_skip = base.may_skip;
  if (find_method(found, "__init__") == nullptr) found.params = base.params;
  for (const PythonMethod& method : base.methods) {
    if (find_method(found, method.name) == nullptr) found.methods.push_back(method);
  }
}

void inherit_from(std::span<const PythonClass> above, PythonClass& found) {
  for (const std::string& name : found.bases) {
    const auto base = std::find_if(above.rbegin(), above.rend(),
                                   [&](const PythonClass& each) { return each.name == name; });
    if (base != above.rend()) inherit(*base, found);
  }
}

}  // namespace

const PythonMethod* find_method(const PythonClass& in, std::string_view name) {
  const auto found = std::find_if(in.methods.begin(), in.methods.end(),
                                  [&](const PythonMethod& method) { return method.name == name; });
  return found == in.methods.end() ? nullptr : &*found;
}

Result<std::vector<PythonClass>> read_python_classes(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error{path + ": cannot be opened"};
  const std::regex head("^class\\s+([A-Za-z_][A-Za-z_0-9]*)\\s*(?:\\(([^)]*)\\)|[(:]).*");
  std::vector<PythonClass> classes;
  std::string body;
  bool inside = false;
  uint64_t number = 0;
  uint64_t class_line = 0;
  const auto finish = [&] {
    if (inside) {
      read_body(body, class_line, classes.back());
      inherit_from(std::span(classes).first(classes.size() - 1), classes.back());
    }
    inside = false;
    body.clear();
  };
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    ++number;
    const bool margin = !line.empty() && std::isspace(static_cast<unsigned char>(line[0])) == 0;
    if (margin && line[0] != ')' && line[0] != '#') finish();
    if (std::regex_match(line, match, head)) {
      classes.emplace_back().name = match[1];
      classes.back().bases = trimmed_parts(match[2]);
      class_line = number;
      inside = true;
      body = "\n";
    } else if (inside) {
      body += line + "\n";
    }
  }
  finish();
  return classes;
}

}  // namespace ckptbench
