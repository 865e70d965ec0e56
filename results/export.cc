#include "results/export.h"

#include <fmt/format.h>

#include <cmath>

#include "results/format.h"
#include "results/html.h"

namespace ckptbench {
namespace {

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}

std::string markdown_row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + markdown_text(cell) + " |";
  return line + "\n";
}

std::vector<std::string> cost_cells(const SummaryRow& row) {
  constexpr double kMs = 1e-6;
  return {label(row.workload),
          label(row.strategy),
          format_estimate(row.metric("stall_ns"), kMs),
          format_estimate(row.metric("overhead_pct")),
          format_estimate(row.metric("persist_ns"), kMs),
          format_value(row.metric("effective_bytes_per_s"), 1e-9),
          format_estimate(row.metric("of_limit_pct")),
          format_value(row.metric("of_overwrite_limit_pct")),
          format_value(row.metric("written_bytes_per_parameter")),
          format_bytes(row.metric("peak_extra_host_bytes").value),
          format_value(row.metric("restore_cold_ns"), kMs) + " / " +
              format_value(row.metric("restore_warm_ns"), kMs),
          format_estimate(row.metric("restore_of_limit_pct")),
          format_value(row.metric("restore_first_step_cold_ns"), 1e-9) + " / " +
              format_value(row.metric("restore_first_step_warm_ns"), 1e-9)};
}

std::string test_case(const Record& record) {
  const std::string head = fmt::format(
      "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
      escape(label(record.cell.strategy)),
      escape(record.cell.id + (record.point.empty() ? "" : ": " + record.point)), record.wall_s);
  const auto with = [&](std::string_view tag, const std::string& message) {
    return fmt::format("{}>\n      <{} message=\"{}\"/>\n    </testcase>\n", head, tag,
                       escape(message));
  };
  if (!record.error.empty()) return with("error", record.error);
  if (!record.verdict) return head + "/>\n";
  const Verdict& verdict = *record.verdict;
  const std::string message = short_text(verdict) + ": " + verdict.explanation;
  if (!record.allowed) return with("failure", message);
  if (verdict.outcome) return with("skipped", message);
  return head + "/>\n";
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

std::string to_csv(const Summary& summary) {
  std::string out = "workload,strategy,device,metric,value,low,high,samples,dropped\n";
  for (const SummaryRow& row : summary.rows) {
    for (const auto& [name, estimate] : row.metrics) {
      out += fmt::format("{},{},{},{},{},{},{},{},{}\n", csv_field(label(row.workload)),
                         csv_field(label(row.strategy)), csv_field(row.device), csv_field(name),
                         number(estimate.value), number(estimate.low), number(estimate.high),
                         estimate.count, estimate.dropped);
    }
  }
  return out;
}

std::string to_markdown(const Summary& summary) {
  std::string costs = markdown_row(
      {"workload", "strategy", "stall ms/save", "overhead %", "persist ms", "GB/s effective",
       "% of limit", "% of overwrite limit", "written B/param", "extra memory",
       "restore() cold / warm ms", "restore() % of read limit", "to first step cold / warm s"});
  costs += "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  std::string trust =
      markdown_row({"workload", "strategy", "claims", "trials", "worst verdict", "counts"});
  trust += "|---|---|---|--:|---|---|\n";
  for (const SummaryRow& row : summary.rows) {
    if (row.metric("stall_ns").known()) costs += markdown_row(cost_cells(row));
    if (row.verdicts.trials == 0) continue;
    trust += markdown_row({label(row.workload), label(row.strategy), row.facts.survives,
                           std::to_string(row.verdicts.trials), worst_text(row.verdicts),
                           counts_text(row.verdicts)});
  }
  return costs + "\n" + trust;
}

std::string to_junit(const ReportInput& input) {
  size_t failures = 0;
  size_t errors = 0;
  size_t skipped = 0;
  std::string cases;
  for (const Record& record : input.records) {
    const bool failed = record.error.empty() && record.verdict && !record.allowed;
    errors += record.error.empty() ? 0 : 1;
    failures += failed ? 1 : 0;
    skipped += !failed && record.error.empty() && record.verdict && record.verdict->outcome ? 1 : 0;
    cases += test_case(record);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"ckptbench\" "
      "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}  "
      "</testsuite>\n</testsuites>\n",
      input.records.size(), failures, errors, skipped, cases);
}

}  // namespace ckptbench
