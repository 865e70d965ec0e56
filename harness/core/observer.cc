#include "harness/core/observer.h"

namespace ckptbench {

std::string to_text(Survives survives) {
  std::string text;
  const auto add = [&](bool yes, std::string_view word) {
    if (!yes) return;
    if (!text.empty()) text += ',';
    text += word;
  };
  add(survives.process, "process");
  add(survives.power, "power");
  add(survives.host, "host");
  add(survives.media, "media");
  return text;
}

Survives parse_survives(std::string_view text) {
  const std::string words = "," + std::string(text) + ",";
  const auto has = [&](const std::string& word) {
    return words.find("," + word + ",") != std::string::npos;
  };
  return {
      .process = has("process"), .power = has("power"), .host = has("host"), .media = has("media")};
}

}  // namespace ckptbench
