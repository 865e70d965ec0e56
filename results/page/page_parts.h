// Small pieces that several sections of report.html are made of. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "results/cost_tables.h"
#include "results/verdict_tally.h"

namespace ckptbench {

// A verdict as a coloured word; the word says all that the colour does.
std::string badge(std::string_view words, Severity value);
std::string badge(const VerdictTally& tally);

// The counts in small type, each unbroken.
std::string counts_html(const VerdictTally& tally);

std::string cell_html(std::string_view inner, std::string_view css_class = "");
// The head of a row: a strategy's name, and what else there is to say beneath it.
std::string row_head_html(const std::string& name, const std::string& whole_name,
                          const std::string& more = "");
// A row's figures in a column, intervals and small numbers of samples in small type beneath.
std::string figure_cell(const MetricColumn& column, const ResultRow& row);

struct Heading {
  std::string_view text;
  bool number = false;
};
// A table that scrolls in its own box where the screen is narrow. `caption` is text, `bodies` HTML:
// rows, or whole <tbody> elements.
std::string table_html(std::string_view caption, const std::vector<Heading>& headings,
                       const std::string& bodies);

}  // namespace ckptbench
