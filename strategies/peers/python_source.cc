#include "strategies/peers/python_source.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <optional>
#include <regex>
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

void read_body(const std::string& body, PythonClass& found) {
  static const std::regex docstring("^\\s*[rR]?\"\"\"\\s*([^\"\\n]*)");
  static const std::regex url("https?://[^\\s\"')>]*[A-Za-z0-9/]");
  static const std::regex survives("\\n\\s+survives\\s*=\\s*[\"']([^\"'\\n]*)[\"']");
  static const std::regex background("\\n\\s+background\\s*=\\s*(True|False)");
  static const std::regex method("\\n\\s+def ([A-Za-z_][A-Za-z_0-9]*)\\s*\\(");
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
  for (std::sregex_iterator at(body.begin(), body.end(), method), end; at != end; ++at) {
    found.methods.push_back((*at)[1]);
  }
  if (std::regex_search(body, match, init)) {
    found.params = params_of(until_closed(body, match.position() + match.length()));
  }
}

}  // namespace

Result<std::vector<PythonClass>> read_python_classes(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error{path + ": cannot be opened"};
  const std::regex head("^class\\s+([A-Za-z_][A-Za-z_0-9]*)\\s*[(:].*");
  std::vector<PythonClass> classes;
  std::string body;
  bool inside = false;
  const auto finish = [&] {
    if (inside) read_body(body, classes.back());
    inside = false;
    body.clear();
  };
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    const bool margin = !line.empty() && std::isspace(static_cast<unsigned char>(line[0])) == 0;
    if (margin && line[0] != ')' && line[0] != '#') finish();
    if (std::regex_match(line, match, head)) {
      classes.emplace_back().name = match[1];
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
