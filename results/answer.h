// The answer of a report, line by line: what to use on each measured workload and on all of them,
// what survived, what to avoid, what is undecided. Made from the rows alone; the tables above it
// are the evidence. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "results/result_rows.h"

namespace ckptbench {

struct AnswerLine {
  std::string head;  // "use on digits-mlp", "claims process,power", "avoid", "undecided"
  std::string text;
};
// A terminal has the figures and marks right above the answer: there it has no stalls, and counts
// the rows of a mark instead of naming them.
enum class AnswerLength { kTerminal, kWhole };
// `use`: the least stall among equal claims, of those that lost nothing; no such line where nothing
// was measured. `avoid`: what lost or refused, then on each workload what failed or stalls far
// longer. `undecided`, the last line: what these results do not show, and why.
// Empty: there is no row but of what is broken on purpose.
std::vector<AnswerLine> make_answer(const ResultRows& results, AnswerLength length);

}  // namespace ckptbench
