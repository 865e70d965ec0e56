// Figures and names as people read them, the same in the terminal, Markdown and HTML. Unknown (NaN)
// is "–". Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "harness/core/cell.h"
#include "results/metrics.h"
#include "results/statistics.h"

namespace ckptbench {

// `digits` significant digits, four decimals at most, no exponent: "0.123", "12.3", "1230".
std::string format_number(double value, int digits = 3);
// The same, rounded towards zero: for what is "at least" so much.
std::string format_number_below(double value, int digits);
// "12.3 ms"
std::string format_ms(double ns);
// "1.23 GB", "456 MB", "12 B"; powers of ten.
std::string format_bytes(double bytes);

// The value of a metric in its unit, without the unit's name (bytes have it): "12.3", "1.23 GB".
std::string value_text(const Metric& metric, const Estimate& estimate);
// "[11.9, 12.8]"; "(4 samples)" where they are too few for an interval; empty where there is none.
std::string interval_text(const Metric& metric, const Estimate& estimate);
// "12.3 [11.9, 12.8]"
std::string figure_text(const Metric& metric, const Estimate& estimate);

// "digits-mlp", "char-gpt (size=124M)": a selection with the parameters that were given.
std::string label(const Selection& selection);
// The same with a user's file by its name alone: "python:my_saver.py:Saver (level=3)".
std::string short_label(const Selection& selection);

}  // namespace ckptbench
