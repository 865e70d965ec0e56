// The lines of an answer and what they are made from. Pure functions; each kind of line has its
// file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "results/answer.h"
#include "results/best_rows.h"

namespace ckptbench {

inline constexpr std::string_view kUntried =
    "undecided: nothing was tried under faults; a [[trial]] table in the suite does that";

// `results` outlives it.
struct AnswerBasis {
  AnswerBasis(const ResultRows& results, AnswerLength length);
  AnswerBasis(const AnswerBasis&) = delete;  // the best rows point into the tables

  VerdictTally trials_of(const ResultRow& row) const;
  bool tried(const ResultRow& row) const;
  bool anything_tried() const;
  // What it lost or refused, in trials and in measured cells; empty: nothing.
  std::string loss_of(const ResultRow& row) const;
  bool lost(const ResultRow& row) const { return !loss_of(row).empty(); }
  // "a, b, c, and 4 more (report.html)": on a terminal the first three are named.
  std::string listed(const std::vector<std::string>& items) const;

  const ResultRows& results;
  AnswerLength length;
  std::vector<CostTable> tables;
  std::vector<BestRows> best;
};

void add_once(std::vector<std::string>& items, const std::string& item);
std::string joined(const std::vector<std::string>& items, std::string_view separator);

std::vector<AnswerLine> use_lines(const AnswerBasis& basis);
// One for each claim of what lost nothing.
std::vector<AnswerLine> survivor_lines(const AnswerBasis& basis);
std::vector<AnswerLine> avoid_lines(const AnswerBasis& basis);
std::string undecided_text(const AnswerBasis& basis);

}  // namespace ckptbench
