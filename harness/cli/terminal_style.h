// How wide a terminal is, and what it takes. One thread; reads the environment.
#pragma once

#include "results/terminal.h"

namespace ckptbench {

// Of what the descriptor leads to. Colours on a terminal alone, without NO_COLOR and not where TERM
// is dumb; 80 columns of a terminal that does not say its width, 120 where it is none.
TerminalStyle style_of(int fd);
TerminalStyle style_of_stdout();

// A terminal on which a line can be written over: one that handles control sequences, so not where
// TERM is dumb or not set. NO_COLOR forbids none but those for colours.
bool can_rewrite_lines(int fd);

}  // namespace ckptbench
