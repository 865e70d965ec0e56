// report.html: one self-contained page without scripts, made of sections. Everything that came from
// files or commands is escaped (results/markup.h). Pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "results/page/charts.h"
#include "results/report_input.h"
#include "results/result_rows.h"

namespace ckptbench {

struct PageInput {
  const ReportInput& report;
  const ResultRows& results;
  const std::vector<Chart>& charts;
  std::map<std::string, std::string> pictures;  // SVG by chart name
  std::string no_pictures_because;              // not empty: shown in their place
};
std::string make_page(const PageInput& input);

// The page's style sheet (page_style.cc) and its fixed texts (page_texts.cc).
std::string_view page_style();
std::string reading_guide_html();
// The words of the oracle with their meanings, from their table (verdict_guide.cc).
std::string verdict_guide_html();
std::string_view limits_html();

// Sections with figures (page_tables.cc), each a whole <section> or empty.
std::string headline_section(const PageInput& input);
std::string matrix_section(const PageInput& input);
std::string cost_section(const PageInput& input);
std::string notable_section(const PageInput& input);
std::string known_section(const PageInput& input);
// Sections that say where the figures come from (page_origin.cc).
std::string claims_section(const PageInput& input);
std::string origin_section(const PageInput& input);

}  // namespace ckptbench
