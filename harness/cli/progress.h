// What a run says of itself while it runs: on a terminal one line that is rewritten, no wider than
// it, with the time left; otherwise, and on a dumb terminal, a plain line per finished cell;
// repeated reasons are printed once. One thread at a time.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

#include "harness/core/record.h"

namespace ckptbench {

class Progress {
 public:
  // `total` planned cells. `out` must outlive it.
  Progress(uint64_t total, std::FILE* out);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void record(const Record& record);
  // A line that stays.
  void print_line(const std::string& line);

 private:
  void show(const Cell& cell);
  std::string line_of(const Cell& cell, size_t width) const;
  std::string outcome_once(const Record& record);
  void clear();

  uint64_t total_;
  uint64_t finished_ = 0;
  uint64_t points_ = 0;
  std::FILE* out_;
  bool rewrites_;
  int64_t begin_ns_;
  std::map<std::string, std::string> first_with_;  // outcome -> id of the first record
};

// "BIT-EXACT", "VACUOUS (inconclusive: …)", "measured", "error: …": how a record ended, and why
// where that is not well.
std::string outcome_text(const Record& record);

}  // namespace ckptbench
