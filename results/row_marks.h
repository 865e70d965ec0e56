// What a reader must know before trusting a row's figures, as letters beside them. Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/result_rows.h"

namespace ckptbench {

// A row of the table of marks: legends, and docs/metrics.md, are made from it.
struct MarkWord {
  char letter;
  std::string_view legend;   // beneath a table
  std::string_view meaning;  // the rule, or what follows from it
};
std::span<const MarkWord> mark_words();
// The table of docs/metrics.md, in Markdown; a test compares.
std::string mark_words_markdown();

struct RowMark {
  char letter = ' ';
  std::string_view legend;  // the same for all rows with the letter
  std::string detail;       // of this row, with figures
};

// In the order of the table.
std::vector<RowMark> row_marks(const ResultRow& row);
// "f0i", or empty.
std::string mark_letters(const std::vector<RowMark>& marks);
bool has_mark(const std::vector<RowMark>& marks, char letter);

}  // namespace ckptbench
