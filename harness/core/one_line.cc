#include "harness/core/one_line.h"

#include <fmt/format.h>

namespace ckptbench {
namespace {

constexpr std::string_view kCut = "…";

// The first byte of a character: a text is never cut within one.
bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
}

}  // namespace

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

std::string one_line(std::string_view text) {
  std::string line;
  size_t whole = 0;  // bytes of `line` that leave room for the mark
  for (const char c : text) {
    if (begins_character(c) && line.size() + kCut.size() <= kMaxLineBytes) whole = line.size();
    if (is_control(c)) {
      line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      line += c;
    }
    if (line.size() > kMaxLineBytes) return line.substr(0, whole).append(kCut);
  }
  return line;
}

}  // namespace ckptbench
