// Names of strategies in a column of a terminal: whole where they fit. Longer ones keep the
// strategy's own name; variants of it that differ in their parameters are numbered, and a legend
// says what they are. Plain value.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "results/result_rows.h"

namespace ckptbench {

class ShownNames {
 public:
  ShownNames(const ResultRows& results, size_t width);
  const std::string& of(const ResultRow& row) const;
  // "async #1  async (chunk_bytes=16384, writers=2)", of those rows whose names are not whole.
  std::vector<std::string> legend(const std::vector<const ResultRow*>& rows) const;

 private:
  std::map<std::string, std::string> shown_;  // by the strategy's label
};

}  // namespace ckptbench
