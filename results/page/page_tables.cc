#include <fmt/format.h>

#include <algorithm>

#include "faults/fault_kinds.h"
#include "results/answer.h"
#include "results/failure_list.h"
#include "results/figure_text.h"
#include "results/markup.h"
#include "results/page/page.h"
#include "results/page/page_parts.h"
#include "results/record_end.h"

namespace ckptbench {
namespace {

constexpr size_t kListed = 60;  // groups of verdicts shown with their explanations

std::string matrix_row(const PageInput& input, const ResultRow& row,
                       const std::vector<std::string>& classes) {
  std::string out = "<tr>" + row_head_html(row.name, label(row.strategy)) +
                    cell_html(escape(row.claim.empty() ? "–" : row.claim), "claim") +
                    cell_html(most_lost_text(input.results.trials_of(label(row.strategy))));
  const auto& tallies = input.results.matrix.at(label(row.strategy));
  for (const std::string& fault : classes) {
    const auto tally = tallies.find(fault);
    out += tally == tallies.end()
               ? cell_html("<span class=\"soft\">not tried</span>")
               : cell_html(badge(tally->second) + "<br>" + counts_html(tally->second));
  }
  return out + "</tr>\n";
}

// One row of each strategy with trials.
std::vector<const ResultRow*> tried_rows(const PageInput& input, bool broken) {
  std::vector<const ResultRow*> tried;
  for (const ResultRow& row : input.results.rows) {
    const std::string name = label(row.strategy);
    const bool seen = std::any_of(tried.begin(), tried.end(), [&](const ResultRow* other) {
      return label(other->strategy) == name;
    });
    if (!seen && row.broken() == broken && input.results.matrix.count(name) != 0) {
      tried.push_back(&row);
    }
  }
  return tried;
}

std::string matrix_table(const PageInput& input, bool broken) {
  const std::vector<const ResultRow*> tried = tried_rows(input, broken);
  if (tried.empty()) return "";
  std::vector<std::string> classes;
  std::vector<Heading> headings{{"strategy"}, {"claims to survive"}, {kMostLost}};
  for (const FaultKind& kind : fault_kinds().rows()) {
    const bool met = std::any_of(tried.begin(), tried.end(), [&](const ResultRow* row) {
      return input.results.matrix.at(label(row->strategy)).count(kind.name) != 0;
    });
    if (!met) continue;
    classes.push_back(kind.name);
    headings.push_back({kind.column});
  }
  std::string rows;
  for (const ResultRow* row : tried) rows += matrix_row(input, *row, classes);
  return table_html(broken ? "Worst verdict of each broken strategy and fault class"
                           : "Worst verdict of each strategy and fault class",
                    headings, rows);
}

std::string marks_html(const ResultRow& row) {
  std::string out;
  for (const RowMark& mark : row_marks(row)) {
    out += fmt::format("<abbr class=\"mark\" title=\"{}\">{}</abbr>", escape(mark.detail),
                       mark.letter);
  }
  return out;
}

std::string cost_table(const CostTable& table) {
  std::vector<Heading> headings{{"strategy"}, {"marks"}};
  for (const MetricColumn& column : table.columns) headings.push_back({column.head, true});
  std::string bodies;
  for (const CostSection& section : table.sections) {
    bodies += fmt::format(
        "<tbody>\n<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>\n",
        headings.size(), escape(section.title));
    for (const ResultRow* row : section.rows) {
      bodies +=
          "<tr>" + row_head_html(row->name, label(row->strategy)) + cell_html(marks_html(*row));
      for (const MetricColumn& column : table.columns) bodies += figure_cell(column, *row);
      bodies += "</tr>\n";
    }
    bodies += "</tbody>\n";
  }
  std::string out = table_html(table.title, headings, bodies);
  if (table.legend.empty()) return out;
  out += "<ul class=\"legend\">\n";
  for (const std::string& line : table.legend) out += element("li", line) + "\n";
  return out + "</ul>\n";
}

std::string failure_row(const FailureGroup& failure, const ResultRows& results) {
  const Record& first = *failure.first;
  VerdictTally alone;
  alone.add(first);
  std::string times = failure.count == 1 ? "" : fmt::format("{} times; the first: ", failure.count);
  return "<tr>" + row_head_html(strategy_name(results, first.cell), label(first.cell.strategy)) +
         cell_html(
             escape(times + (first.point.empty() ? describe(first.cell.fault) : first.point))) +
         cell_html(badge(failure.verdict, severity(alone)) +
                   (record_end(first) == RecordEnd::kNotAllowed
                        ? " <b class=\"bad\">not allowed</b>"
                        : "") +
                   (known_text(first).empty() ? "" : " <b>known failure</b>")) +
         cell_html(escape(first.verdict->explanation) + "<br>" +
                   element("small", "replay " + first.cell.id)) +
         "</tr>\n";
}

}  // namespace

std::string headline_section(const PageInput& input) {
  std::string out = "<section id=\"top\">\n<h1>Costs and survival of checkpoint strategies</h1>\n";
  const std::vector<AnswerLine> answer = make_answer(input.results, AnswerLength::kWhole);
  if (!answer.empty()) out += "<ul class=\"lead\">\n";
  for (const AnswerLine& line : answer) {
    out += "<li><b>" + escape(line.head) + "</b>: " + escape(line.text) + "</li>\n";
  }
  if (!answer.empty()) out += "</ul>\n";
  for (const std::string& note : measured_failure_notes(input.results)) {
    out += element("p", note, "warning") + "\n";
  }
  for (const std::string& warning : input.report.warnings) {
    out += element("p", warning, "warning") + "\n";
  }
  for (const ResultRow& row : input.results.rows) {
    for (const std::string& error : row.errors) {
      out += element("p", "could not be run: " + error, "warning") + "\n";
    }
  }
  return out + "</section>\n";
}

std::string matrix_section(const PageInput& input) {
  std::string out = "<section id=\"trust\">\n<h2>What survives</h2>\n";
  const std::string sound = matrix_table(input, false);
  const std::string broken = matrix_table(input, true);
  if (sound.empty() && broken.empty()) return out + "<p>No trials were run.</p>\n</section>\n";
  out +=
      "<p class=\"soft\">Worst verdict of each strategy over all trials of a fault class, with the "
      "number of trials beneath; most lost: the saves, or steps, that one of all its trials "
      "lost.</p>\n" +
      sound;
  if (!broken.empty()) {
    out +=
        "<h3>Broken on purpose</h3>\n<p class=\"soft\">These prove the judge: each has a "
        "well-known mistake, and must be caught.</p>\n" +
        broken;
  }
  return out + "</section>\n";
}

std::string cost_section(const PageInput& input) {
  std::string tables;
  for (const CostTable& table : make_cost_tables(input.results, kPage)) tables += cost_table(table);
  if (tables.empty()) return "";
  return "<section id=\"costs\">\n<h2>Costs, measured</h2>\n<p class=\"soft\">Per save: medians; "
         "beneath the stall its interval of at least 95 % confidence, or the number of pairs where "
         "they are too few for one. Rows of one section claim to survive the same: compare only "
         "those.</p>\n" +
         tables + "</section>\n";
}

std::string notable_section(const PageInput& input) {
  const auto failures = failure_groups(input.report.records, input.results, true);
  if (failures.empty()) return "";
  std::string rows;
  for (size_t i = 0; i < std::min(kListed, failures.size()); ++i) {
    rows += failure_row(failures[i], input.results);
  }
  std::string out = "<section id=\"notable\">\n<h2>What went wrong</h2>\n";
  if (failures.size() > kListed) {
    out +=
        fmt::format("<p class=\"soft\">The first {} of {} kinds; all are in results.jsonl.</p>\n",
                    kListed, failures.size());
  }
  return out +
         table_html("Trials that went wrong, equal ones folded",
                    {{"strategy"}, {"fault"}, {"verdict"}, {"why"}}, rows) +
         "</section>\n";
}

std::string known_section(const PageInput& input) {
  if (input.results.known.empty()) return "";
  std::string rows;
  for (const KnownGroup& group : input.results.known) {
    rows += "<tr>" + row_head_html(group.strategy, group.strategy) +
            cell_html(escape(group.verdict)) + cell_html(std::to_string(group.trials), "n") +
            cell_html(escape(group.reason)) + cell_html(escape(group.source)) + "</tr>\n";
  }
  return fmt::format("<section id=\"known\">\n<h2>{} known failures</h2>\n",
                     count_known(input.report.records)) +
         "<p class=\"soft\">Trials that went wrong in a way that is listed with a reason. They are "
         "allowed, and counted nowhere as survived.</p>\n" +
         table_html("Known failures of this run",
                    {{"strategy"}, {"verdict"}, {"trials", true}, {"reason"}, {"source"}}, rows) +
         "</section>\n";
}

}  // namespace ckptbench
