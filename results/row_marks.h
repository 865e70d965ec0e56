// What a reader must know before trusting a row's figures, as letters beside them. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "results/result_rows.h"

namespace ckptbench {

struct RowMark {
  char letter = ' ';
  std::string_view legend;  // the same for all rows with the letter
  std::string detail;       // of this row, with figures
};

// In the order of the letters' weight: f s n 0 i b 1 l.
std::vector<RowMark> row_marks(const ResultRow& row);
// "f0i", or empty.
std::string mark_letters(const std::vector<RowMark>& marks);
bool has_mark(const std::vector<RowMark>& marks, char letter);

}  // namespace ckptbench
