// Selections as people write them on the command line and in suites: "sync",
// "char-gpt:size=1m,freeze=0.5", "python:FILE.py:Class:level=3". Pure functions.
#pragma once

#include <string>

#include "harness/core/cell.h"
#include "harness/core/error.h"

namespace ckptbench {

// Parameters follow the last colon, where what follows has an equals sign. Errors name the text.
Result<Selection> parse_selection(const std::string& text);
// The inverse: parameters in alphabetical order.
std::string selection_text(const Selection& selection);
// The same with nothing that a file name or a shell would mind: letters, digits, and - _ +.
std::string selection_slug(const Selection& selection);

}  // namespace ckptbench
