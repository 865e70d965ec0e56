// Small pieces that several sections of report.html are made of. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "results/statistics.h"
#include "results/summary.h"

namespace ckptbench {

// A verdict as a coloured word; the word says all that the colour does.
std::string badge(std::string_view words, Severity value);
std::string badge(const VerdictTally& tally);

// The counts in small type, each unbroken.
std::string counts_html(const VerdictTally& tally);

std::string cell_html(std::string_view inner, std::string_view css_class = "");
// The value with its interval, and what else there is to say, in small type beneath, right-aligned.
std::string estimate_cell(const Estimate& estimate, double scale = 1, const std::string& more = "");

struct Heading {
  std::string_view text;
  bool number = false;
};
std::string table_html(const std::vector<Heading>& headings, const std::string& rows);

}  // namespace ckptbench
