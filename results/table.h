// A text table for terminals: aligned by display width, cut with "…" where it would not fit. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ckptbench {

enum class Align { kLeft, kRight };
enum class Tone { kPlain, kGood, kWarn, kBad, kDim, kBold };

struct TableCell {
  std::string text;
  Tone tone = Tone::kPlain;
};

struct Column {
  std::string title;
  Align align = Align::kLeft;
  size_t max_width = 1000;  // columns; wider texts are cut
};

// Columns that a text takes on a terminal: code points, combining marks 0, East Asian wide ones 2.
size_t display_width(std::string_view utf8);
// At most `width` columns, with "…" at the end where something was cut; control characters become
// spaces, so that a hostile name cannot steer the terminal.
std::string cut_to_width(std::string_view utf8, size_t width);
// With ANSI colours where `colour`.
std::string paint(std::string_view text, Tone tone, bool colour);

// Title line, rule, rows. The last column is cut so that no line is longer than `width`.
// REQUIRES: every row has one cell per column.
std::string render_table(const std::vector<Column>& columns,
                         const std::vector<std::vector<TableCell>>& rows, size_t width,
                         bool colour);

}  // namespace ckptbench
