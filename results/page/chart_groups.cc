#include "results/page/chart_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "results/best_rows.h"
#include "results/cost_tables.h"
#include "results/figure_text.h"

namespace ckptbench {
namespace {

using RowList = std::vector<const ResultRow*>;

std::string place_of(const ResultRow& row) {
  return row.device == "cpu" ? row.place() : fmt::format("{} on {}", row.place(), row.device);
}

RowList known_rows(const ChartGroup& group, std::string_view key) {
  RowList rows = group.rows;
  std::erase_if(rows, [&](const ResultRow* row) {
    const bool floor = !row->facts.group.empty() && row->claim.empty();
    return floor || !row->metric(key).known();
  });
  return rows;
}

// Those that may be the least, or the most: no other interval lies wholly beyond theirs.
RowList end_of(RowList rows, std::string_view key, bool least) {
  const auto bounds = [&](const ResultRow* row) {
    const Estimate estimate = row->metric(key);
    return least ? std::pair(estimate.low, estimate.high)
                 : std::pair(-estimate.high, -estimate.low);
  };
  double nearest = std::numeric_limits<double>::infinity();
  for (const ResultRow* row : rows) nearest = std::min(nearest, bounds(row).second);
  std::erase_if(rows, [&](const ResultRow* row) { return bounds(row).first > nearest; });
  std::stable_sort(rows.begin(), rows.end(), [&](const ResultRow* a, const ResultRow* b) {
    const double difference = a->metric(key).value - b->metric(key).value;
    return least ? difference < 0 : difference > 0;
  });
  return rows;
}

std::string end_text(const RowList& rows, const Metric& metric) {
  if (rows.size() > 1) return names_of(rows) + " (not told apart)";
  const Estimate estimate = rows.front()->metric(metric.key);
  return fmt::format("{} with {} {} {}", rows.front()->name, value_text(metric, estimate),
                     unit_name(metric.unit), interval_text(metric, estimate));
}

// Medians of too few samples for an interval are in no order.
std::string range_text(const RowList& rows, const Metric& metric) {
  const auto [least, most] =
      std::minmax_element(rows.begin(), rows.end(), [&](const ResultRow* a, const ResultRow* b) {
        return a->metric(metric.key).value < b->metric(metric.key).value;
      });
  return fmt::format("medians from {} ({}) to {} {} ({}), too few samples for intervals",
                     value_text(metric, (*least)->metric(metric.key)), (*least)->name,
                     value_text(metric, (*most)->metric(metric.key)), unit_name(metric.unit),
                     (*most)->name);
}

std::string comparison_text(const RowList& rows, const Metric& metric) {
  const bool few = std::any_of(rows.begin(), rows.end(), [&](const ResultRow* row) {
    return !row->metric(metric.key).has_interval();
  });
  if (rows.size() == 1) return end_text(rows, metric);
  if (few) return range_text(rows, metric);
  const RowList least = end_of(rows, metric.key, true);
  if (least.size() == rows.size()) return end_text(least, metric);
  return fmt::format("least {}, most {}", end_text(least, metric),
                     end_text(end_of(rows, metric.key, false), metric));
}

}  // namespace

std::vector<ChartGroup> chart_groups(const ResultRows& results) {
  std::vector<ChartGroup> groups;
  for (const CostTable& table : make_cost_tables(results, kPage)) {
    for (const CostSection& section : table.sections) {
      groups.push_back({place_of(*section.rows.front()), section.title, section.rows});
    }
  }
  return groups;
}

std::string extremes_text(const std::vector<ChartGroup>& groups, std::string_view key) {
  std::string out;
  for (const ChartGroup& group : groups) {
    const RowList rows = known_rows(group, key);
    if (rows.empty()) continue;
    out += fmt::format("{}{}, {}: {}", out.empty() ? "" : "; ", group.place, group.claim,
                       comparison_text(rows, *find_metric(key)));
  }
  return out;
}

}  // namespace ckptbench
