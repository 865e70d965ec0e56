#include <fmt/format.h>

#include <algorithm>

#include "results/format.h"
#include "results/html.h"
#include "results/page.h"
#include "results/page_parts.h"

namespace ckptbench {
namespace {

constexpr double kMs = 1e-6;
constexpr size_t kListed = 60;  // verdicts shown with their explanations

bool is_broken(const PageInput& input, const std::string& strategy) {
  for (const SummaryRow& row : input.summary.rows) {
    if (label(row.strategy) == strategy) return row.facts.group == "broken";
  }
  return false;
}

// The best of those that kept what they claim, for each workload and claim: costs are compared
// between equal claims only.
std::string best_lines(const Summary& summary) {
  std::vector<const SummaryRow*> best;
  for (const SummaryRow& row : summary.rows) {
    const Severity worst = severity(row.verdicts);
    const bool kept = worst == Severity::kExact || worst == Severity::kRolled;
    if (!kept || row.facts.group == "broken" || row.facts.survives.empty()) continue;
    if (!row.metric("stall_ns").known()) continue;
    auto place = best.begin();
    while (place != best.end() && (label((*place)->workload) != label(row.workload) ||
                                   (*place)->facts.survives != row.facts.survives)) {
      ++place;
    }
    if (place == best.end()) {
      best.push_back(&row);
    } else if (row.metric("stall_ns").value < (*place)->metric("stall_ns").value) {
      *place = &row;
    }
  }
  std::string out;
  for (const SummaryRow* row : best) {
    out += fmt::format(
        "<p class=\"lead\">On {}, of the strategies that claim to survive <i>{}</i> and came back "
        "from every trial, <b>{}</b> stalls training least: {} ms per save.</p>\n",
        element("code", label(row->workload)), escape(row->facts.survives),
        escape(label(row->strategy)), escape(format_estimate(row->metric("stall_ns"), kMs)));
  }
  return out;
}

std::string matrix_row(const PageInput& input, const std::string& strategy,
                       const std::vector<FaultClass>& classes) {
  std::string claim;
  for (const SummaryRow& row : input.summary.rows) {
    if (label(row.strategy) == strategy) claim = row.facts.survives;
  }
  std::string out = "<tr>" + cell_html(escape(strategy), "who") +
                    cell_html(escape(claim.empty() ? "–" : claim), "claim");
  const auto& tallies = input.summary.matrix.at(strategy);
  for (FaultClass fault : classes) {
    const auto tally = tallies.find(fault);
    out += tally == tallies.end()
               ? cell_html("<span class=\"soft\">not tried</span>")
               : cell_html(badge(tally->second) + "<br>" + counts_html(tally->second));
  }
  return out + "</tr>\n";
}

std::string matrix_table(const PageInput& input, bool broken) {
  std::vector<FaultClass> classes;
  for (FaultClass fault :
       {FaultClass::kNone, FaultClass::kPhase, FaultClass::kMoment, FaultClass::kFileOp}) {
    for (const auto& [strategy, tallies] : input.summary.matrix) {
      if (tallies.count(fault) == 0 || is_broken(input, strategy) != broken) continue;
      classes.push_back(fault);
      break;
    }
  }
  std::vector<Heading> headings{{"strategy"}, {"claims to survive"}};
  for (FaultClass fault : classes) headings.push_back({fault_class_name(fault)});
  std::string rows;
  std::vector<std::string> done;
  for (const SummaryRow& row : input.summary.rows) {
    const std::string name = label(row.strategy);
    const bool seen = std::find(done.begin(), done.end(), name) != done.end();
    if (seen || input.summary.matrix.count(name) == 0 || is_broken(input, name) != broken) continue;
    done.push_back(name);
    rows += matrix_row(input, name, classes);
  }
  return rows.empty() ? "" : table_html(headings, rows);
}

std::string cost_row(const SummaryRow& row) {
  const auto figure = [&](const char* name, double scale) {
    return estimate_cell(row.metric(name), scale);
  };
  const auto plain = [&](const char* name, double scale) {
    return format_value(row.metric(name), scale);
  };
  std::string who = escape(label(row.strategy));
  if (!row.facts.survives.empty()) who += element("small", row.facts.survives);
  const std::string parts = plain("block_ns", kMs) + " + " + plain("gate_ns", kMs) + " + " +
                            plain("interference_ns", kMs);
  const std::string overwrite = "overwrite: " + plain("of_overwrite_limit_pct", 1);
  const std::string restore =
      escape(plain("restore_cold_ns", kMs) + " / " + plain("restore_warm_ns", kMs)) +
      element("small", plain("restore_of_limit_pct", 1) + " % of limit") +
      element("small", plain("restore_first_step_cold_ns", 1e-9) + " / " +
                           plain("restore_first_step_warm_ns", 1e-9) + " s to step");
  return "<tr>" + cell_html(who, "who") + figure("stall_ns", kMs) + cell_html(escape(parts), "n") +
         figure("overhead_pct", 1) + figure("persist_ns", kMs) +
         figure("effective_bytes_per_s", 1e-9) +
         estimate_cell(row.metric("of_limit_pct"), 1, overwrite) +
         cell_html(escape(plain("written_bytes_per_parameter", 1) + " / " +
                          plain("retained_bytes_per_parameter", 1)),
                   "n") +
         cell_html(escape(format_bytes(row.metric("peak_extra_host_bytes").value)), "n") +
         cell_html(restore, "n") + "</tr>\n";
}

std::string group_row(const SummaryRow& row, size_t columns) {
  return fmt::format("<tr class=\"group\"><td colspan=\"{}\">{}</td></tr>\n", columns,
                     escape(fmt::format("{} on {}: state {}, step {} ms", label(row.workload),
                                        row.device, format_bytes(row.metric("logical_bytes").value),
                                        format_value(row.metric("step_ns"), kMs))));
}

std::string notable_row(const Record& record) {
  VerdictTally alone;
  alone.add(record);
  return "<tr>" + cell_html(escape(label(record.cell.strategy)), "who") +
         cell_html(escape(record.point.empty() ? describe(record.cell.fault) : record.point)) +
         cell_html(badge(short_text(*record.verdict), severity(alone))) +
         cell_html(escape(record.verdict->explanation) + "<br>" +
                   element("small", "replay " + record.cell.id)) +
         "</tr>\n";
}

}  // namespace

std::string headline_section(const PageInput& input) {
  std::string out = "<section id=\"top\">\n" + best_lines(input.summary);
  for (const std::string& warning : input.report.warnings) {
    out += element("p", warning, "warning") + "\n";
  }
  for (const SummaryRow& row : input.summary.rows) {
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
      "number of trials beneath.</p>\n" +
      sound;
  if (!broken.empty()) {
    out +=
        "<h3 style=\"margin-top:22px\">Broken on purpose</h3>\n<p class=\"soft\">These prove the "
        "judge: each has a well-known mistake, and must be caught.</p>\n" +
        broken;
  }
  return out + "</section>\n";
}

std::string cost_section(const PageInput& input) {
  const std::vector<Heading> headings{{"strategy"},
                                      {"stall ms", true},
                                      {"block + gate + interference ms", true},
                                      {"overhead %", true},
                                      {"persist ms", true},
                                      {"effective GB/s", true},
                                      {"% of limit", true},
                                      {"B / parameter written / kept", true},
                                      {"extra memory", true},
                                      {"restore() cold / warm ms", true}};
  std::string rows;
  std::vector<std::string> done;
  for (const SummaryRow& first : input.summary.rows) {
    const std::string key = label(first.workload) + "\n" + first.device;
    if (std::find(done.begin(), done.end(), key) != done.end()) continue;
    done.push_back(key);
    std::string group;
    for (const SummaryRow& row : input.summary.rows) {
      const bool same = label(row.workload) + "\n" + row.device == key;
      if (same && row.metric("stall_ns").known()) group += cost_row(row);
    }
    if (!group.empty()) rows += group_row(first, headings.size()) + group;
  }
  if (rows.empty()) return "";
  return "<section id=\"costs\">\n<h2>Costs, measured</h2>\n<p class=\"soft\">Per save: medians, "
         "with "
         "the 95 % interval beneath, and the number of samples where it is below five. The "
         "strategy's durability claim stands under its name.</p>\n" +
         table_html(headings, rows) + "</section>\n";
}

std::string notable_section(const PageInput& input) {
  std::string rows;
  size_t count = 0;
  for (const Record& record : input.report.records) {
    if (!record.verdict || is_broken(input, label(record.cell.strategy))) continue;
    VerdictTally alone;
    alone.add(record);
    const Severity value = severity(alone);
    const bool fine =
        record.allowed && record.verdict->findings.empty() &&
        (value == Severity::kExact || value == Severity::kRolled || value == Severity::kUnknown);
    if (!fine && count++ < kListed) rows += notable_row(record);
  }
  if (rows.empty()) return "";
  std::string out = "<section id=\"notable\">\n<h2>What went wrong, trial by trial</h2>\n";
  if (count > kListed) {
    out += fmt::format("<p class=\"soft\">The first {} of {}; all are in results.jsonl.</p>\n",
                       kListed, count);
  }
  return out + table_html({{"strategy"}, {"fault"}, {"verdict"}, {"why"}}, rows) + "</section>\n";
}

}  // namespace ckptbench
