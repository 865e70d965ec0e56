#include <fmt/format.h>

#include <algorithm>

#include "results/format.h"
#include "results/report.h"
#include "results/summary.h"
#include "results/table.h"

namespace ckptbench {
namespace {

constexpr double kNsPerMs = 1e6;

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

bool is_measured(const SummaryRow& row) {
  return row.metric("stall_ns").known();
}

std::string cost_title(const std::vector<const SummaryRow*>& rows) {
  const SummaryRow& row = *rows.front();
  size_t least = row.metric("stall_ns").count;
  size_t most = least;
  for (const SummaryRow* other : rows) {
    least = std::min(least, other->metric("stall_ns").count);
    most = std::max(most, other->metric("stall_ns").count);
  }
  const std::string pairs =
      least == most ? std::to_string(least) : fmt::format("{} to {}", least, most);
  return fmt::format("{} on {}: state {}, {} pairs{}", label(row.workload), row.device,
                     format_bytes(row.metric("logical_bytes").value), pairs,
                     least < kFewSamples ? " (intervals are hints)" : "");
}

std::vector<TableCell> cost_cells(const SummaryRow& row) {
  const auto value = [&](const char* name, double scale) {
    return TableCell{format_value(row.metric(name), scale)};
  };
  return {{label(row.strategy)},
          {format_estimate(row.metric("stall_ns"), 1 / kNsPerMs)},
          value("overhead_pct", 1),
          value("persist_ns", 1 / kNsPerMs),
          value("effective_bytes_per_s", 1e-9),
          {format_value(row.metric("of_limit_pct")) + " / " +
           format_value(row.metric("restore_of_limit_pct"))},
          value("written_bytes_per_parameter", 1),
          {format_bytes(row.metric("peak_extra_host_bytes").value)},
          {format_value(row.metric("restore_first_step_cold_ns"), 1e-9) + " / " +
           format_value(row.metric("restore_first_step_warm_ns"), 1e-9)}};
}

std::string cost_tables(const Summary& summary, const TableStyle& style) {
  const std::vector<Column> columns{
      {"strategy", Align::kLeft, 27},      {"stall ms/save [95 %]", Align::kRight, 22},
      {"over %", Align::kRight, 7},        {"persist ms", Align::kRight, 10},
      {"GB/s", Align::kRight, 6},          {"% limit w/r", Align::kRight, 11},
      {"B/param", Align::kRight, 7},       {"+memory", Align::kRight, 8},
      {"restore c/w s", Align::kRight, 13}};
  // In order of first appearance, one table per workload and device.
  std::vector<std::pair<std::string, std::vector<const SummaryRow*>>> groups;
  for (const SummaryRow& row : summary.rows) {
    if (!is_measured(row)) continue;
    const std::string key = label(row.workload) + "\n" + row.device;
    auto group = groups.begin();
    while (group != groups.end() && group->first != key) ++group;
    if (group == groups.end()) group = groups.insert(group, {key, {}});
    group->second.push_back(&row);
  }
  std::string out;
  for (const auto& [key, rows] : groups) {
    std::vector<std::vector<TableCell>> cells;
    for (const SummaryRow* row : rows) cells.push_back(cost_cells(*row));
    out += paint(cut_to_width(cost_title(rows), style.width), Tone::kBold, style.colour);
    out += "\n" + render_table(columns, cells, style.width, style.colour) + "\n";
  }
  return out;
}

std::string trust_table(const Summary& summary, bool broken, const TableStyle& style) {
  const std::vector<Column> columns{{"strategy", Align::kLeft, 27}, {"workload", Align::kLeft, 18},
                                    {"claims", Align::kLeft, 14},   {"trials", Align::kRight, 6},
                                    {"worst", Align::kLeft, 24},    {"verdicts", Align::kLeft, 80}};
  std::vector<std::vector<TableCell>> cells;
  for (const SummaryRow& row : summary.rows) {
    if (row.verdicts.trials == 0 || (row.facts.group == "broken") != broken) continue;
    cells.push_back({{label(row.strategy)},
                     {label(row.workload)},
                     {row.facts.survives.empty() ? "–" : row.facts.survives},
                     {std::to_string(row.verdicts.trials)},
                     {worst_text(row.verdicts), tone_of(severity(row.verdicts))},
                     {counts_text(row.verdicts)}});
  }
  if (cells.empty()) return "";
  const char* title =
      broken ? "Broken on purpose: the harness must catch each of these" : "What survives";
  return paint(title, Tone::kBold, style.colour) + "\n" +
         render_table(columns, cells, style.width, style.colour) + "\n";
}

std::string problems(const ReportInput& input, const Summary& summary, const TableStyle& style) {
  std::string out;
  const auto add = [&](const std::string& text, Tone tone) {
    out += paint(cut_to_width(text, 4 * style.width), tone, style.colour) + "\n";
  };
  for (const Record& record : input.records) {
    if (!record.verdict || record.allowed) continue;
    add(fmt::format("not allowed: {} ({}): {}: {}", record.cell.id, label(record.cell.strategy),
                    short_text(*record.verdict), record.verdict->explanation),
        Tone::kBad);
  }
  for (const SummaryRow& row : summary.rows) {
    for (const std::string& error : row.errors) add("could not be run: " + error, Tone::kBad);
  }
  for (const std::string& warning : input.warnings) add("warning: " + warning, Tone::kWarn);
  return out;
}

}  // namespace

std::string terminal_table(const ReportInput& input, const TableStyle& style) {
  const Summary summary = summarise(input.records, input.environment);
  std::string out = cost_tables(summary, style) + trust_table(summary, false, style) +
                    trust_table(summary, true, style) + problems(input, summary, style);
  if (out.empty()) return "no results yet\n";
  return out;
}

}  // namespace ckptbench
