#include "harness/core/survives_claim.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "harness/core/near_names.h"

namespace ckptbench {
namespace {

// "process, power" -> the two of them; "process,,power" has an empty one.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  if (text.find_first_not_of(' ') == std::string_view::npos) return words;
  words.emplace_back();
  for (const char c : text) {
    if (c == ',') {
      words.emplace_back();
    } else if (c != ' ') {
      words.back() += c;
    }
  }
  return words;
}

}  // namespace

Result<Survives> read_claim(std::string_view text) {
  static const std::vector<std::string> known{"process", "power", "host", "media"};
  const std::vector<std::string> words = words_of(text);
  for (const std::string& word : words) {
    if (std::find(known.begin(), known.end(), word) == known.end()) {
      return Error{fmt::format("survives = \"{}\": {}", text, unknown_name("claim", word, known))};
    }
  }
  const auto has = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const Survives claim{
      .process = has("process"), .power = has("power"), .host = has("host"), .media = has("media")};
  if (!words.empty() && !claim.process) {
    return Error{
        fmt::format("survives = \"{}\": a claim must include process; expected \"process,{}\"",
                    text, to_text(claim))};
  }
  return claim;
}

}  // namespace ckptbench
