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
  const auto has = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
  return {
      .process = has("process"), .power = has("power"), .host = has("host"), .media = has("media")};
}

}  // namespace ckptbench
