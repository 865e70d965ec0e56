#include <fmt/format.h>

#include <set>

#include "harness/core/json_text.h"
#include "results/figure_text.h"
#include "results/markup.h"
#include "results/page/page.h"
#include "results/page/page_parts.h"

namespace ckptbench {
namespace {

const std::set<std::string> kShownElsewhere{"strategies", "suite_text", "cells", "fixed_failures",
                                            "proof"};

// Nested keys with dots, so that every figure stands beside its whole name.
void flatten(const nlohmann::json& value, const std::string& name, std::string& out) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      flatten(inner, name.empty() ? key : name + "." + key, out);
    }
    return;
  }
  const std::string text = value.is_string() ? value.get<std::string>() : json_text(value);
  out += element("dt", name) + element("dd", text) + "\n";
}

}  // namespace

std::string claims_section(const PageInput& input) {
  std::string rows;
  std::set<std::string> done;
  for (const ResultRow& row : input.results.rows) {
    const StrategyFacts& facts = row.facts;
    if (facts.group.empty() || !done.insert(label(row.strategy)).second) continue;
    rows += "<tr>" + row_head_html(label(row.strategy), label(row.strategy)) +
            cell_html(escape(facts.group)) +
            cell_html(escape(facts.survives.empty() ? "nothing" : facts.survives)) +
            cell_html(escape(facts.summary) +
                      (facts.source.empty() ? "" : "<br>" + element("small", facts.source))) +
            "</tr>\n";
  }
  if (rows.empty()) return "";
  return "<section id=\"claims\">\n<h2>Strategies and what they claim</h2>\n<p "
         "class=\"soft\"><b>process</b>: a killed process. <b>power</b>: synced down to the "
         "directory "
         "entry. <b>host</b>: another machine holds it. <b>media</b>: a second copy on other "
         "media. "
         "Claims to audit, not facts.</p>\n" +
         table_html("What each strategy does and claims",
                    {{"strategy"}, {"kind"}, {"claims to survive"}, {"what it does"}}, rows) +
         "</section>\n";
}

std::string origin_section(const PageInput& input) {
  const nlohmann::json& fields = input.report.environment.fields;
  std::string list;
  for (const auto& [key, value] : fields.items()) {
    if (kShownElsewhere.count(key) == 0) flatten(value, key, list);
  }
  std::string out = "<section id=\"origin\">\n<h2>Environment, suite and seeds</h2>\n";
  if (!list.empty()) out += "<dl>\n" + list + "</dl>\n";
  const auto suite = fields.find("suite_text");
  if (suite != fields.end() && suite->is_string()) {
    out += "<details open><summary>The suite file</summary>\n" +
           element("pre", suite->get<std::string>()) + "</details>\n";
  }
  std::string seeds;
  std::set<uint64_t> unique;
  for (const Record& record : input.report.records) unique.insert(record.cell.seed);
  for (uint64_t seed : unique) seeds += fmt::format("{}{}", seeds.empty() ? "" : ", ", seed);
  if (!seeds.empty()) out += "<p>Seeds of the cells: " + element("code", seeds) + "</p>\n";
  return out +
         "<p class=\"soft\">Any single cell can be run again: <code>ckptbench replay CELL</code>. "
         "This page is made from results.jsonl and environment.json by <code>ckptbench report "
         "DIR</code>.</p>\n</section>\n";
}

}  // namespace ckptbench
