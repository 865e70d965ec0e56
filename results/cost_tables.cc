#include "results/cost_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/core/observed_keys.h"
#include "results/figure_text.h"

namespace ckptbench {
namespace {

constexpr double kSameStep = 1.1;

// Plain steps of one workload should take the same time; where they did not, the rows met different
// speeds of the machine.
std::string steps_of(const std::vector<const ResultRow*>& rows) {
  double least_ms = rows.front()->metric("step_ns").value * unit_factor(MetricUnit::kMs);
  double most_ms = least_ms;
  for (const ResultRow* row : rows) {
    const double step_ms = row->metric("step_ns").value * unit_factor(MetricUnit::kMs);
    least_ms = std::min(least_ms, step_ms);
    most_ms = std::max(most_ms, step_ms);
  }
  if (!(most_ms > kSameStep * least_ms)) return format_number(least_ms);
  return fmt::format("{} to {}", format_number(least_ms), format_number(most_ms));
}

// " in 362 tensors"; empty where no record says it, as those of earlier versions.
std::string tensors_of(const std::vector<const ResultRow*>& rows) {
  double most = 0;
  for (const ResultRow* row : rows) {
    most = std::fmax(most, row->most_observed(observed::kSavedTensors));
  }
  if (most < 1) return "";
  return fmt::format(" in {:.0f} tensor{}", most, most == 1 ? "" : "s");
}

std::string title_of(const std::vector<const ResultRow*>& rows) {
  const ResultRow& row = *rows.front();
  size_t least = std::numeric_limits<size_t>::max();
  size_t most = 0;
  for (const ResultRow* other : rows) {
    const size_t pairs = other->metric("stall_ns").count;
    if (pairs == 0 && rows.size() > 1) continue;  // all of its saves failed
    least = std::min(least, pairs);
    most = std::max(most, pairs);
  }
  least = std::min(least, most);
  const std::string pairs =
      least == most ? std::to_string(least) : fmt::format("{} to {}", least, most);
  return fmt::format("{} on {}: state {}{}, step {} ms, {} pairs", row.place(), row.device,
                     format_bytes(row.metric("logical_bytes").value), tensors_of(rows),
                     steps_of(rows), pairs);
}

std::vector<MetricColumn> known_columns(const std::vector<const ResultRow*>& rows, Shown place) {
  std::vector<MetricColumn> columns = metric_columns(place);
  std::erase_if(columns, [&](const MetricColumn& column) {
    if (column.always) return false;
    for (const Metric* metric : column.metrics) {
      for (const ResultRow* row : rows) {
        if (row->metric(metric->key).known()) return false;
      }
    }
    return true;
  });
  return columns;
}

std::vector<CostSection> sections_of(std::vector<const ResultRow*> rows) {
  const auto strength = [](const ResultRow* row) {
    return row->claim.empty() ? 0 : 1 + std::count(row->claim.begin(), row->claim.end(), ',');
  };
  std::stable_sort(rows.begin(), rows.end(), [&](const ResultRow* a, const ResultRow* b) {
    if (strength(a) != strength(b)) return strength(a) > strength(b);
    if (a->claim != b->claim) return a->claim < b->claim;
    if (a->all_saves_failed() != b->all_saves_failed()) return b->all_saves_failed();
    if (a->all_saves_failed()) return false;  // they have no stall
    return a->metric("stall_ns").value < b->metric("stall_ns").value;
  });
  std::vector<CostSection> sections;
  for (const ResultRow* row : rows) {
    const std::string title =
        row->claim.empty() ? "claims nothing, cost only" : "claims to survive " + row->claim;
    if (sections.empty() || sections.back().title != title) sections.push_back({title, {}});
    sections.back().rows.push_back(row);
  }
  return sections;
}

std::vector<std::string> legend_of(const std::vector<const ResultRow*>& rows) {
  std::vector<std::string> legend;
  for (const ResultRow* row : rows) {
    for (const RowMark& mark : row_marks(*row)) {
      const std::string line = fmt::format("{}  {}", mark.letter, mark.legend);
      if (std::find(legend.begin(), legend.end(), line) == legend.end()) legend.push_back(line);
    }
  }
  return legend;
}

}  // namespace

std::vector<CostTable> make_cost_tables(const ResultRows& results, Shown place) {
  std::vector<std::pair<std::string, std::vector<const ResultRow*>>> groups;
  for (const ResultRow& row : results.rows) {
    if (!row.measured()) continue;
    const std::string key = row.place() + "\n" + row.device;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& other) { return other.first == key; });
    if (group == groups.end()) group = groups.insert(group, {key, {}});
    group->second.push_back(&row);
  }
  std::vector<CostTable> tables;
  for (const auto& [key, rows] : groups) {
    tables.push_back(
        {title_of(rows), known_columns(rows, place), sections_of(rows), legend_of(rows)});
  }
  return tables;
}

std::string few_samples_text(const MetricColumn& column, const ResultRow& row) {
  std::vector<size_t> counts;
  bool few = false;
  for (const Metric* metric : column.metrics) {
    const Estimate estimate = row.metric(metric->key);
    const bool exact = metric->sum || metric->unit == MetricUnit::kBytesEach;
    if (exact || metric->with_interval) return "";
    if (!estimate.known()) continue;
    counts.push_back(estimate.count);
    few = few || (estimate.count > 1 && estimate.count < kFewestForInterval);
  }
  if (!few) return "";
  const bool alike = std::all_of(counts.begin(), counts.end(),
                                 [&](size_t count) { return count == counts.front(); });
  return alike ? std::to_string(counts.front()) : fmt::format("{}", fmt::join(counts, " / "));
}

std::string cost_text(const MetricColumn& column, const ResultRow& row) {
  std::string text;
  for (const Metric* metric : column.metrics) {
    const Estimate estimate = row.metric(metric->key);
    if (!text.empty()) text += column.parts ? " + " : " / ";
    text += metric->with_interval ? figure_text(*metric, estimate) : value_text(*metric, estimate);
  }
  const std::string few = few_samples_text(column, row);
  return few.empty() ? text : fmt::format("{} ({})", text, few);
}

std::string few_samples_legend(const CostTable& table, const std::vector<std::string>& left_out) {
  for (const MetricColumn& column : table.columns) {
    if (std::find(left_out.begin(), left_out.end(), column.head) != left_out.end()) continue;
    for (const CostSection& section : table.sections) {
      for (const ResultRow* row : section.rows) {
        if (few_samples_text(column, *row).empty()) continue;
        return fmt::format("(n)  a figure of n samples, fewer than {}", kFewestForInterval);
      }
    }
  }
  return "";
}

}  // namespace ckptbench
