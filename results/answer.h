// The answer of a report in three lines: what to use here, what to avoid, what is undecided. Made
// from the rows alone; the tables above it are the evidence. Pure functions.
#pragma once

#include <string>

#include "results/result_rows.h"

namespace ckptbench {

struct Answer {
  std::string use;        // the least stall among equal claims, of those that lost nothing
  std::string avoid;      // what lost, refused or failed, then what stalls far longer
  std::string undecided;  // what these results do not show, and why
};
// A terminal has room for few names in a list and counts the others. It names all that lost or
// refused a checkpoint, though, and whatever stands under `use` too.
enum class AnswerLength { kTerminal, kWhole };
Answer make_answer(const ResultRows& results, AnswerLength length);

}  // namespace ckptbench
