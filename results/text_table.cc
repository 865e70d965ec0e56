#include "results/text_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

// Widths of the columns that have room; the others are named in `left_out`.
struct Layout {
  std::vector<size_t> kept;  // indices of columns
  std::vector<size_t> widths;
  std::vector<std::string> left_out;
};

size_t natural_width(const TextColumn& column, size_t index,
                     const std::vector<std::vector<TableCell>>& rows) {
  size_t widest = display_width(column.title);
  for (const auto& row : rows) {
    if (row.size() > 1) widest = std::max(widest, display_width(without_controls(row[index].text)));
  }
  return std::min(widest, column.max_width);
}

size_t least_width(const TextColumn& column, size_t width) {
  return column.align == Align::kRight ? width : std::min(width, column.min_width);
}

// Of all columns, with the last one, or with each, as narrow as it may be.
size_t needed_width(const std::vector<TextColumn>& columns, const Layout& layout, bool each) {
  size_t total = 0;
  for (size_t i = 0; i < layout.kept.size(); ++i) {
    const bool last = i + 1 == layout.kept.size();
    const size_t own = layout.widths[i];
    total += last || each ? least_width(columns[layout.kept[i]], own) : own;
    total += last ? 0 : kGap;
  }
  return total;
}

template <class MayDrop>
void drop_columns(const std::vector<TextColumn>& columns, Layout& layout, size_t width, bool each,
                  const MayDrop& may_drop) {
  for (size_t i = layout.kept.size(); i-- > 0 && needed_width(columns, layout, each) > width;) {
    if (!may_drop(columns[layout.kept[i]])) continue;
    layout.kept.erase(layout.kept.begin() + static_cast<std::ptrdiff_t>(i));
    layout.widths.erase(layout.widths.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void shrink_columns(const std::vector<TextColumn>& columns, Layout& layout, size_t width) {
  for (size_t i = 0; i + 1 < layout.kept.size(); ++i) {
    const size_t needed = needed_width(columns, layout, false);
    const size_t excess = needed - std::min(needed, width);
    const size_t least = least_width(columns[layout.kept[i]], layout.widths[i]);
    layout.widths[i] -= std::min(excess, layout.widths[i] - least);
  }
  size_t used = 0;
  for (size_t i = 0; i + 1 < layout.kept.size(); ++i) used += layout.widths[i] + kGap;
  if (!layout.widths.empty()) {
    layout.widths.back() = std::min(layout.widths.back(), width - std::min(width, used));
  }
}

Layout lay_out(const std::vector<TextColumn>& columns,
               const std::vector<std::vector<TableCell>>& rows, size_t width) {
  Layout layout;
  for (size_t c = 0; c < columns.size(); ++c) {
    layout.kept.push_back(c);
    layout.widths.push_back(natural_width(columns[c], c, rows));
  }
  drop_columns(columns, layout, width, false,
               [](const TextColumn& column) { return column.may_drop; });
  // A number that is cut is another number.
  drop_columns(columns, layout, width, true,
               [](const TextColumn& column) { return column.align == Align::kRight; });
  shrink_columns(columns, layout, width);
  for (size_t c = 0; c < columns.size(); ++c) {
    const bool kept = std::find(layout.kept.begin(), layout.kept.end(), c) != layout.kept.end();
    if (!kept) layout.left_out.push_back(columns[c].title);
  }
  return layout;
}

void trim_right(std::string& line) {
  line.erase(line.find_last_not_of(' ') + 1);
}

std::string line_of(const std::vector<TextColumn>& columns, const Layout& layout,
                    const std::vector<TableCell>& row, bool colour) {
  std::string line;
  for (size_t i = 0; i < layout.kept.size(); ++i) {
    const TextColumn& column = columns[layout.kept[i]];
    const TableCell& cell = row[layout.kept[i]];
    const size_t room = layout.widths[i];
    const std::string text =
        column.cut_front ? cut_front_to_width(cell.text, room) : cut_to_width(cell.text, room);
    const bool last = i + 1 == layout.kept.size();
    const bool open = last && column.align == Align::kLeft;
    line += paint(open ? text : pad(text, room, column.align), cell.tone, colour);
    if (!last) line += "  ";
  }
  return line;
}

}  // namespace

std::string left_out_text(const RenderedTable& table, size_t width) {
  return fmt::format("left out, for {} columns: {}", width, fmt::join(table.left_out, ", "));
}

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

std::string cut_front_to_width(std::string_view utf8, size_t width) {
  std::string rest = without_controls(utf8);
  if (display_width(rest) <= width) return rest;
  if (width == 0) return "";
  while (display_width(rest) > width - 1) rest.erase(0, decode(rest).bytes);
  return "…" + rest;
}

std::string wrap_text(std::string_view utf8, size_t width) {
  constexpr std::string_view kIndent = "  ";
  const std::string clean = without_controls(utf8);
  std::string out;
  std::string line;
  for (size_t at = 0; at < clean.size();) {
    const size_t end = std::min(clean.find(' ', at), clean.size());
    const std::string word = clean.substr(at, end - at);
    at = end + 1;
    const bool blank = line.empty() || line == kIndent;
    if (!blank && display_width(line) + 1 + display_width(word) > width) {
      out += line + "\n";
      line = kIndent;
    }
    if (!line.empty() && line != kIndent) line += ' ';
    line += word;
    line = cut_to_width(line, width);
  }
  return line.empty() ? out : out + line + "\n";
}

std::string paint(std::string_view text, Tone tone, bool colour) {
  if (!colour || tone == Tone::kPlain) return std::string(text);
  return code_of(tone) + std::string(text) + "\x1b[0m";
}

RenderedTable render_table(const std::vector<TextColumn>& columns,
                           const std::vector<std::vector<TableCell>>& rows, size_t width,
                           bool colour) {
  const Layout layout = lay_out(columns, rows, width);
  std::string titles;
  std::string rule;
  for (size_t i = 0; i < layout.kept.size(); ++i) {
    const TextColumn& column = columns[layout.kept[i]];
    const size_t room = layout.widths[i];
    titles += pad(cut_to_width(column.title, room), room, column.align) + "  ";
    for (size_t dash = 0; dash < room; ++dash) rule += "─";
    if (i + 1 < layout.kept.size()) rule += "  ";
  }
  trim_right(titles);
  std::string out = paint(titles, Tone::kBold, colour) + "\n" + paint(rule, Tone::kDim, colour);
  for (const auto& row : rows) {
    if (row.size() == 1) {
      out += "\n" + paint(cut_to_width(row[0].text, width), row[0].tone, colour);
    } else {
      out += "\n" + line_of(columns, layout, row, colour);
    }
  }
  RenderedTable rendered{out + "\n", layout.left_out, {}};
  for (size_t i = 0; i < layout.kept.size(); ++i) {
    const bool cut = std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
      return row.size() > 1 &&
             display_width(without_controls(row[layout.kept[i]].text)) > layout.widths[i];
    });
    if (cut) rendered.cut.push_back(columns[layout.kept[i]].title);
  }
  return rendered;
}

}  // namespace ckptbench
