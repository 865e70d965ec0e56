#include "results/table.h"

#include <algorithm>
#include <cstdint>

namespace ckptbench {
namespace {

constexpr size_t kGap = 2;

struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 1;
};

// Malformed bytes count as one column each.
CodePoint decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t bytes = lead < 0x80 ? 1 : lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (bytes == 1 || bytes > text.size()) return {lead, 1};
  uint32_t value = lead & (0xFFU >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return {lead, 1};
    value = (value << 6U) | (next & 0x3FU);
  }
  return {value, bytes};
}

size_t width_of(uint32_t point) {
  const bool combining = (point >= 0x300 && point <= 0x36F) || point == 0x200B || point == 0x200D ||
                         (point >= 0xFE00 && point <= 0xFE0F);
  if (combining) return 0;
  const bool wide = (point >= 0x1100 && point <= 0x115F) || (point >= 0x2E80 && point <= 0xA4CF) ||
                    (point >= 0xAC00 && point <= 0xD7A3) || (point >= 0xF900 && point <= 0xFAFF) ||
                    (point >= 0xFE30 && point <= 0xFE6F) || (point >= 0xFF00 && point <= 0xFF60) ||
                    (point >= 0x1F300 && point <= 0x1FAFF) ||
                    (point >= 0x20000 && point <= 0x3FFFD);
  return wide ? 2 : 1;
}

bool is_control(uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x202A && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069);
}

std::string without_controls(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint point = decode(text);
    if (is_control(point.value)) {
      out += ' ';
    } else {
      out += text.substr(0, point.bytes);
    }
    text.remove_prefix(point.bytes);
  }
  return out;
}

std::string pad(const std::string& text, size_t width, Align align) {
  const std::string space(width - std::min(width, display_width(text)), ' ');
  return align == Align::kRight ? space + text : text + space;
}

const char* code_of(Tone tone) {
  switch (tone) {
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kWarn:
      return "\x1b[33m";
    case Tone::kBad:
      return "\x1b[1;31m";
    case Tone::kDim:
      return "\x1b[2m";
    case Tone::kBold:
      return "\x1b[1m";
    case Tone::kPlain:
      break;
  }
  return "";
}

std::vector<size_t> widths_of(const std::vector<Column>& columns,
                              const std::vector<std::vector<TableCell>>& rows, size_t width) {
  std::vector<size_t> widths;
  size_t used = 0;
  for (size_t c = 0; c < columns.size(); ++c) {
    size_t widest = display_width(columns[c].title);
    for (const auto& row : rows) {
      widest = std::max(widest, display_width(without_controls(row[c].text)));
    }
    widest = std::min(widest, columns[c].max_width);
    if (c + 1 == columns.size()) widest = std::min(widest, width - std::min(width, used));
    widths.push_back(widest);
    used += widest + kGap;
  }
  return widths;
}

void trim_right(std::string& line) {
  line.erase(line.find_last_not_of(' ') + 1);
}

}  // namespace

size_t display_width(std::string_view utf8) {
  size_t width = 0;
  while (!utf8.empty()) {
    const CodePoint point = decode(utf8);
    width += width_of(point.value);
    utf8.remove_prefix(point.bytes);
  }
  return width;
}

std::string cut_to_width(std::string_view utf8, size_t width) {
  const std::string clean = without_controls(utf8);
  if (display_width(clean) <= width) return clean;
  if (width == 0) return "";
  std::string out;
  size_t used = 0;
  std::string_view rest = clean;
  while (!rest.empty()) {
    const CodePoint point = decode(rest);
    if (used + width_of(point.value) > width - 1) break;
    used += width_of(point.value);
    out += rest.substr(0, point.bytes);
    rest.remove_prefix(point.bytes);
  }
  return out + "…";
}

std::string paint(std::string_view text, Tone tone, bool colour) {
  if (!colour || tone == Tone::kPlain) return std::string(text);
  return code_of(tone) + std::string(text) + "\x1b[0m";
}

std::string render_table(const std::vector<Column>& columns,
                         const std::vector<std::vector<TableCell>>& rows, size_t width,
                         bool colour) {
  const std::vector<size_t> widths = widths_of(columns, rows, width);
  std::string titles;
  std::string rule;
  for (size_t c = 0; c < columns.size(); ++c) {
    titles += pad(cut_to_width(columns[c].title, widths[c]), widths[c], columns[c].align) + "  ";
    for (size_t i = 0; i < widths[c]; ++i) rule += "─";
    if (c + 1 < columns.size()) rule += "  ";
  }
  trim_right(titles);
  std::string out = paint(titles, Tone::kBold, colour) + "\n" + paint(rule, Tone::kDim, colour);
  for (const auto& row : rows) {
    std::string line;
    for (size_t c = 0; c < columns.size(); ++c) {
      const std::string text = cut_to_width(row[c].text, widths[c]);
      const bool last = c + 1 == columns.size();
      const std::string padded =
          last && columns[c].align == Align::kLeft ? text : pad(text, widths[c], columns[c].align);
      line += paint(padded, row[c].tone, colour);
      if (!last) line += "  ";
    }
    out += "\n" + line;
  }
  return out + "\n";
}

}  // namespace ckptbench
