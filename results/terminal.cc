#include "results/terminal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "results/answer.h"
#include "results/cost_tables.h"
#include "results/failure_list.h"
#include "results/figure_text.h"
#include "results/record_end.h"
#include "results/shown_names.h"
#include "results/text_table.h"

namespace ckptbench {
namespace {

constexpr size_t kNameWidth = 27;

TextColumn name_column() {
  return {.title = "strategy", .max_width = kNameWidth, .min_width = 14, .cut_front = true};
}

Tone tone_of(Severity value) {
  switch (value) {
    case Severity::kExact:
    case Severity::kRolled:
      return Tone::kGood;
    case Severity::kLoud:
      return Tone::kWarn;
    case Severity::kSilent:
    case Severity::kWrong:
      return Tone::kBad;
    case Severity::kUnknown:
      break;
  }
  return Tone::kDim;
}

std::string titled(const std::string& title, const RenderedTable& table,
                   const TerminalStyle& style) {
  std::string out = paint(cut_to_width(title, style.width), Tone::kBold, style.colour) + "\n";
  out += table.text;
  if (!table.left_out.empty()) {
    out += wrap_text(left_out_text(table, style.width) + "; report.html has all", style.width);
  }
  if (!table.cut.empty()) {
    out += wrap_text(
        fmt::format("cut at …: {}; report.html has the whole words", fmt::join(table.cut, ", ")),
        style.width);
  }
  return out;
}

std::string names_legend(const ShownNames& names, const std::vector<const ResultRow*>& rows,
                         const TerminalStyle& style) {
  std::string out;
  for (const std::string& line : names.legend(rows)) out += wrap_text(line, style.width);
  return out;
}

std::string cost_table(const CostTable& table, const ShownNames& names,
                       const TerminalStyle& style) {
  std::vector<TextColumn> columns{name_column(), {.title = "marks"}};
  for (const MetricColumn& column : table.columns) {
    columns.push_back(
        {.title = std::string(column.head), .align = Align::kRight, .may_drop = !column.always});
  }
  std::vector<std::vector<TableCell>> cells;
  std::vector<const ResultRow*> rows;
  for (const CostSection& section : table.sections) {
    cells.push_back({{section.title, Tone::kDim}});
    for (const ResultRow* row : section.rows) {
      rows.push_back(row);
      std::vector<TableCell> line{{names.of(*row)}, {mark_letters(row_marks(*row)), Tone::kWarn}};
      for (const MetricColumn& column : table.columns) line.push_back({cost_text(column, *row)});
      cells.push_back(std::move(line));
    }
  }
  const RenderedTable rendered = render_table(columns, cells, style.width, style.colour);
  std::string out = titled(table.title, rendered, style) + names_legend(names, rows, style);
  for (const std::string& line : table.legend) out += cut_to_width(line, style.width) + "\n";
  const std::string few = few_samples_legend(table, rendered.left_out);
  if (!few.empty()) out += cut_to_width(few, style.width) + "\n";
  return out + "\n";
}

std::string trust_table(const ResultRows& results, const ShownNames& names, bool broken,
                        const TerminalStyle& style) {
  const std::vector<TextColumn> columns{
      name_column(),
      {.title = "worst", .max_width = 24},
      {.title = std::string(kMostLost), .align = Align::kRight},
      {.title = "trials", .align = Align::kRight},
      {.title = "claims", .max_width = 18, .may_drop = true},
      {.title = "workload", .max_width = 18, .may_drop = true},
      {.title = "verdicts", .max_width = 80, .min_width = 24, .may_drop = true}};
  std::vector<std::vector<TableCell>> cells;
  std::vector<const ResultRow*> rows;
  for (const ResultRow& row : results.rows) {
    if (row.verdicts.trials == 0 || row.broken() != broken) continue;
    rows.push_back(&row);
    cells.push_back({{names.of(row)},
                     {worst_text(row.verdicts), tone_of(severity(row.verdicts))},
                     {most_lost_text(row.verdicts)},
                     {trials_text(row.verdicts)},
                     {row.claim.empty() ? "–" : row.claim},
                     {label(row.workload)},
                     {counts_text(row.verdicts)}});
  }
  if (cells.empty()) return "";
  return titled(
             broken ? "Broken on purpose: the harness must catch each of these" : "What survives",
             render_table(columns, cells, style.width, style.colour), style) +
         names_legend(names, rows, style) + "\n";
}

std::string answer_lines(const ResultRows& results, const TerminalStyle& style) {
  const std::vector<AnswerLine> answer = make_answer(results, AnswerLength::kTerminal);
  if (answer.empty()) return "";
  std::string out = paint("Answer", Tone::kBold, style.colour) + "\n";
  for (const AnswerLine& line : answer) {
    out += wrap_text(line.head + ": " + line.text, style.width);
  }
  return out + "\n";
}

std::string problems(const ReportInput& input, const ResultRows& results,
                     const TerminalStyle& style) {
  std::string out;
  const auto add = [&](const std::string& text, Tone tone) {
    out += paint(cut_to_width(text, 4 * style.width), tone, style.colour) + "\n";
  };
  for (const FailureGroup& failure : failure_groups(input.records, results, false)) {
    const bool wrong = record_end(*failure.first) == RecordEnd::kNotAllowed;
    add((wrong ? "not allowed: " : "inconclusive: ") + failure_text(failure, results), Tone::kBad);
  }
  for (const std::string& note : measured_failure_notes(results)) add(note, Tone::kBad);
  for (const ResultRow& row : results.rows) {
    for (const std::string& error : row.errors) add("could not be run: " + error, Tone::kBad);
  }
  for (const std::string& warning : input.warnings) add("warning: " + warning, Tone::kWarn);
  return out;
}

}  // namespace

std::string terminal_report(const ReportInput& input, const TerminalStyle& style) {
  const ResultRows results = make_result_rows(input.records, input.environment);
  const ShownNames names(results, kNameWidth);
  std::string out;
  for (const CostTable& table : make_cost_tables(results, kTerminal)) {
    out += cost_table(table, names, style);
  }
  out += trust_table(results, names, false, style) + trust_table(results, names, true, style) +
         answer_lines(results, style) + problems(input, results, style);
  return out.empty() ? "no results yet\n" : out;
}

}  // namespace ckptbench
