#include "results/export.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "harness/core/observed_keys.h"
#include "results/answer.h"
#include "results/cost_tables.h"
#include "results/figure_text.h"
#include "results/markup.h"

namespace ckptbench {
namespace {

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}

// What ended its pairs; several where its processes differ.
std::string stopped_by(const ResultRow& row) {
  return fmt::format("{}", fmt::join(row.texts_observed(observed::kStoppedBy), "+"));
}

std::string csv_row(const ResultRow& row, const std::string& key, const Estimate& estimate) {
  const bool spread = estimate.processes > 1;
  return fmt::format(
      "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(label(row.workload)),
      csv_field(row.conditions), csv_field(label(row.strategy)), csv_field(row.device),
      csv_field(key), number(estimate.value), number(estimate.low), number(estimate.high),
      number(estimate.has_interval() ? estimate.confidence : NAN), estimate.count, estimate.dropped,
      spread ? std::to_string(estimate.processes) : "", number(spread ? estimate.process_low : NAN),
      number(spread ? estimate.process_high : NAN), csv_field(stopped_by(row)));
}

std::string markdown_row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + markdown_text(cell) + " |";
  return line + "\n";
}

// The columns "claim" and "marks" stand between the strategy and the figures.
std::string markdown_costs(const CostTable& table) {
  std::vector<std::string> head{"strategy", "claim", "marks"};
  std::string rule = "|---|---|---|";
  for (const MetricColumn& column : table.columns) {
    head.emplace_back(column.head);
    rule += "--:|";
  }
  std::string out = "### " + markdown_text(table.title) + "\n\n" + markdown_row(head) + rule + "\n";
  for (const CostSection& section : table.sections) {
    for (const ResultRow* row : section.rows) {
      std::vector<std::string> cells{label(row->strategy),
                                     row->claim.empty() ? "nothing" : row->claim,
                                     mark_letters(row_marks(*row))};
      for (const MetricColumn& column : table.columns) cells.push_back(cost_text(column, *row));
      out += markdown_row(cells);
    }
  }
  std::vector<std::string> legend = table.legend;
  if (const std::string few = few_samples_legend(table); !few.empty()) legend.push_back(few);
  if (!legend.empty()) out += "\n";
  for (const std::string& line : legend) out += "- " + markdown_text(line) + "\n";
  return out + "\n";
}

std::string markdown_known(const std::vector<KnownGroup>& known) {
  if (known.empty()) return "";
  std::string out = "\n### Known failures\n\n" +
                    markdown_row({"strategy", "verdict", "trials", "reason", "source"}) +
                    "|---|---|--:|---|---|\n";
  for (const KnownGroup& group : known) {
    out += markdown_row(
        {group.strategy, group.verdict, std::to_string(group.trials), group.reason, group.source});
  }
  return out;
}

}  // namespace

std::string csv_field(const std::string& text) {
  std::string safe = text;
  if (!safe.empty() && std::string_view("=+-@\t\r").find(safe[0]) != std::string_view::npos) {
    safe.insert(0, "'");
  }
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (char c : safe) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string markdown_text(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '<' || c == '>' || c == '&') {  // Markdown passes HTML through
      out += escape(std::string_view(&c, 1));
      continue;
    }
    if (std::string_view("|\\`*_[]").find(c) != std::string_view::npos) out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string to_csv(const ResultRows& results) {
  std::string out =
      "workload,conditions,strategy,device,metric,value,low,high,confidence,samples,dropped,"
      "processes,process_low,process_high,stopped_by\n";
  for (const ResultRow& row : results.rows) {
    for (const auto& [key, estimate] : row.metrics) out += csv_row(row, key, estimate);
  }
  return out;
}

std::string to_markdown(const ResultRows& results) {
  std::string out;
  for (const CostTable& table : make_cost_tables(results, kMarkdown)) out += markdown_costs(table);
  out += markdown_row({"workload", "strategy", "claims", "trials", "worst verdict",
                       std::string(kMostLost), "counts"});
  out += "|---|---|---|--:|---|--:|---|\n";
  for (const ResultRow& row : results.rows) {
    if (row.verdicts.trials == 0) continue;
    out += markdown_row({label(row.workload), label(row.strategy), row.claim,
                         trials_text(row.verdicts), worst_text(row.verdicts),
                         most_lost_text(row.verdicts), counts_text(row.verdicts)});
  }
  out += markdown_known(results.known);
  out += "\n";
  for (const AnswerLine& line : make_answer(results, AnswerLength::kWhole)) {
    out += fmt::format("- **{}**: {}\n", markdown_text(line.head), markdown_text(line.text));
  }
  return out;
}

}  // namespace ckptbench
