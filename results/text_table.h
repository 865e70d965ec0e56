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

struct TextColumn {
  std::string title;
  Align align = Align::kLeft;
  size_t max_width = 1000;  // wider texts are cut
  // A column of texts may shrink to this where it is wider: the last one first, the others once
  // `may_drop` has left out what it may.
  size_t min_width = 1000;
  // Left out where the table would be too wide, the last ones first; after all of these, columns of
  // numbers (kRight): they are never cut.
  bool may_drop = false;
  bool cut_front = false;  // a path: its end tells more than its head
};

// Columns that a text takes on a terminal: code points, combining marks 0, East Asian wide ones 2.
size_t display_width(std::string_view utf8);
// At most `width` columns, with "…" at the end where something was cut; control characters become
// spaces, so that a hostile name cannot steer the terminal.
std::string cut_to_width(std::string_view utf8, size_t width);
// The same with "…" at the front.
std::string cut_front_to_width(std::string_view utf8, size_t width);
// Lines of at most `width` columns, broken at spaces, each with a newline; those after the first
// are indented by two. A word longer than a line is cut.
std::string wrap_text(std::string_view utf8, size_t width);
// With ANSI colours where `colour`.
std::string paint(std::string_view text, Tone tone, bool colour);

struct RenderedTable {
  std::string text;                   // title line, rule, rows
  std::vector<std::string> left_out;  // titles of columns for which there was no room
  std::vector<std::string> cut;       // titles of columns in which a text was cut
};
// "left out, for 80 columns: GB/s, trials". REQUIRES: some were.
std::string left_out_text(const RenderedTable& table, size_t width);
// A row of one cell is a heading within the table.
// REQUIRES: every other row has one cell per column.
RenderedTable render_table(const std::vector<TextColumn>& columns,
                           const std::vector<std::vector<TableCell>>& rows, size_t width,
                           bool colour);

}  // namespace ckptbench
