// Figures as people read them, the same in the terminal, Markdown and HTML. Unknown (NaN) is "–".
// Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/cell.h"
#include "results/statistics.h"

namespace ckptbench {

// Three significant digits, four decimals at most, no exponent: "0.123", "12.3", "1230", "0.0004".
std::string format_number(double value);
// "12.3 [11.9, 12.8]" of estimate × scale; without the interval where there is one sample.
std::string format_estimate(const Estimate& estimate, double scale = 1);
std::string format_value(const Estimate& estimate, double scale = 1);
// "1.23 GB", "456 MB", "12 B"; powers of ten.
std::string format_bytes(double bytes);

// "digits-mlp", "char-gpt (size=124M)": a selection with the parameters that were given.
std::string label(const Selection& selection);

}  // namespace ckptbench
