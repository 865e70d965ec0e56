// How wide stdout is, and whether it takes colours. One thread; reads the environment.
#pragma once

#include "results/terminal.h"

namespace ckptbench {

// Colours on a terminal alone, without NO_COLOR and not where TERM is dumb; 120 columns where
// stdout is none.
TerminalStyle style_of_stdout();

}  // namespace ckptbench
