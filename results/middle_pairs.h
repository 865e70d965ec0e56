// The parts of the pairs whose stall is the row's. Each pair's parts add up to its stall, and so do
// those of these pairs; the medians of the parts, each over all pairs, need not. Pure functions.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "results/result_rows.h"

namespace ckptbench {

struct MiddlePairs {
  // By the key of the part, per save: the mean of the two pairs in the middle where their number is
  // even, and where the stall is the median of the processes' medians (results/process_spread.h)
  // that of the middle processes. Empty: not every pair has the same parts, or there are none.
  std::map<std::string, double> parts_ns;
  size_t pairs = 0;
  size_t processes = 0;  // of which they are; 0: the stall is the median over all pairs
  bool known() const { return !parts_ns.empty(); }
};
MiddlePairs middle_pairs(const ResultRow& row);

// "the two of 8 pairs around the median stall, averaged". REQUIRES: known.
std::string middle_pairs_text(const MiddlePairs& middle, const ResultRow& row);

}  // namespace ckptbench
