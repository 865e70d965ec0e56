#include "results/page/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "results/best_rows.h"
#include "results/figure_text.h"

namespace ckptbench {
namespace {

using nlohmann::json;

constexpr double kMs = 1e-6;
constexpr double kGigabytes = 1e-9;

// Okabe and Ito's palette: distinct for every common colour vision.
constexpr const char* kBlue = "#0072b2";
constexpr const char* kSky = "#56b4e9";
constexpr const char* kOrange = "#e69f00";
constexpr const char* kVermilion = "#d55e00";
constexpr const char* kGreen = "#009e73";
constexpr const char* kPurple = "#cc79a7";
constexpr const char* kPartColours[] = {kBlue, kVermilion, kOrange, kGreen, kSky, kPurple};

// In order of appearance; left to itself, a facet sorts by name.
json workloads_of(const json& values) {
  json order = json::array();
  for (const json& value : values) {
    if (std::find(order.begin(), order.end(), value["workload"]) == order.end()) {
      order.push_back(value["workload"]);
    }
  }
  return order;
}

json base(const json& values, const json& spec) {
  json config = chart_config();
  config["axis"].update({{"labelLimit", 190}, {"domain", false}, {"ticks", false}});
  config["header"] = {{"labelFontSize", 12}, {"labelFontWeight", "bold"}, {"titleFontSize", 0}};
  config["legend"]["symbolType"] = "square";
  return {{"$schema", "https://vega.github.io/schema/vega-lite/v5.json"},
          {"data", {{"values", values}}},
          {"config", config},
          {"facet",
           {{"field", "workload"},
            {"type", "nominal"},
            {"sort", workloads_of(values)},
            {"title", nullptr},
            {"header", {{"labelAnchor", "start"}}}}},
          {"columns", 1},
          {"resolve", {{"scale", {{"x", "independent"}, {"y", "independent"}}}}},
          {"spec", spec}};
}

json strategy_axis() {
  return {{"field", "strategy"},
          {"type", "nominal"},
          {"sort", nullptr},
          {"title", nullptr},
          {"axis", {{"grid", false}, {"labelPadding", 6}}}};
}

json value_axis(const char* field, const char* title) {
  return {
      {"field", field}, {"type", "quantitative"}, {"title", title}, {"axis", {{"tickCount", 5}}}};
}

json colours(const json& domain, const json& range) {
  return {{"field", "part"},
          {"type", "nominal"},
          {"sort", nullptr},
          {"scale", {{"domain", domain}, {"range", range}}}};
}

json number(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

json row_of(const ResultRow& row) {
  return {{"workload", row.place()}, {"strategy", label(row.strategy)}};
}

using RowList = std::vector<const ResultRow*>;

// By workload, in order of appearance, without what is known to claim nothing.
std::vector<RowList> rows_to_compare(const ResultRows& results, std::string_view key) {
  std::vector<RowList> groups;
  for (const ResultRow& row : results.rows) {
    const bool floor = !row.facts.group.empty() && row.claim.empty();
    if (floor || !row.metric(key).known()) continue;
    auto group = std::find_if(groups.begin(), groups.end(), [&](const RowList& other) {
      return other.front()->place() == row.place();
    });
    if (group == groups.end()) group = groups.insert(group, RowList{});
    group->push_back(&row);
  }
  return groups;
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

// "digits-mlp: least async with 1.30 ms [1.25, 1.36], most sync with 14.2 ms [13.5, 14.9]": of each
// workload.
std::string extremes_text(const ResultRows& results, std::string_view key) {
  std::string out;
  for (const RowList& rows : rows_to_compare(results, key)) {
    out += fmt::format("{}{}: {}", out.empty() ? "" : "; ", label(rows.front()->workload),
                       comparison_text(rows, *find_metric(key)));
  }
  return out;
}

// Their names and colours, in the order of their rows.
json part_colours() {
  json names = json::array();
  json range = json::array();
  for (const Metric* metric : stall_parts()) {
    range.push_back(kPartColours[names.size() % std::size(kPartColours)]);
    names.push_back(metric->name());
  }
  return colours(names, range);
}

// "Bars: block (inside save), …."
std::string stall_caption() {
  std::string parts;
  for (const Metric* metric : stall_parts()) {
    parts +=
        fmt::format("{}{} ({})", parts.empty() ? "" : ", ", metric->name(), metric->part.words);
  }
  return "Bars: " + parts +
         ". Dot and line: the stall itself with its interval, where there are samples enough; "
         "negative parts are not drawn.";
}

Chart stall_chart(const ResultRows& results) {
  json values = json::array();
  for (const ResultRow& row : results.rows) {
    const Estimate stall = row.metric("stall_ns");
    if (!stall.known()) continue;
    int order = 0;
    for (const Metric* part : stall_parts()) {
      const Estimate estimate = row.metric(part->key);
      json value = row_of(row);
      value["part"] = part->name();
      value["order"] = order++;
      value["ms"] = estimate.known() ? std::max(0.0, estimate.value * kMs) : 0.0;
      values.push_back(value);
    }
    json total = row_of(row);
    total["low"] = number(stall.low * kMs);
    total["high"] = number(stall.high * kMs);
    total["stall"] = number(stall.value * kMs);
    values.push_back(total);
  }
  const json bars = {{"transform", {{{"filter", "isValid(datum.part)"}}}},
                     {"mark", {{"type", "bar"}, {"height", {{"band", 0.68}}}}},
                     {"encoding",
                      {{"y", strategy_axis()},
                       {"x", value_axis("ms", "ms per save, lower is better")},
                       {"order", {{"field", "order"}}},
                       {"color", part_colours()}}}};
  const json interval = {{"transform", {{{"filter", "isValid(datum.low)"}}}},
                         {"mark", {{"type", "rule"}, {"color", "#1b1f24"}, {"strokeWidth", 1.5}}},
                         {"encoding",
                          {{"y", strategy_axis()},
                           {"x", {{"field", "low"}, {"type", "quantitative"}}},
                           {"x2", {{"field", "high"}}}}}};
  const json middle = {
      {"transform", {{{"filter", "isValid(datum.stall)"}}}},
      {"mark",
       {{"type", "point"}, {"filled", true}, {"color", "#1b1f24"}, {"size", 26}, {"opacity", 1}}},
      {"encoding",
       {{"y", strategy_axis()}, {"x", {{"field", "stall"}, {"type", "quantitative"}}}}}};
  const json layers = {
      {"width", 340}, {"height", {{"step", 22}}}, {"layer", {bars, interval, middle}}};
  return {"stall", "Stall: what a save takes from training", stall_caption(),
          "Stall of a save. " + extremes_text(results, "stall_ns"), base(values, layers)};
}

Chart throughput_chart(const ResultRows& results) {
  json values = json::array();
  for (const ResultRow& row : results.rows) {
    const Estimate written = row.metric("written_bytes_per_s");
    if (!written.known()) continue;
    const std::pair<const char*, Estimate> parts[] = {
        {"written", written},
        {"effective (logical)", row.metric("effective_bytes_per_s")},
        {"disk limit, same run", row.metric("limit_bytes_per_s")}};
    for (const auto& [part, estimate] : parts) {
      if (!estimate.known()) continue;
      json value = row_of(row);
      value["part"] = part;
      value["rate"] = number(estimate.value * kGigabytes);
      values.push_back(value);
    }
  }
  const json scale = colours({"written", "effective (logical)", "disk limit, same run"},
                             {kBlue, kOrange, "#1b1f24"});
  const json encoding = {{"y", strategy_axis()},
                         {"x", value_axis("rate", "GB/s, request to durable")},
                         {"color", scale}};
  const json bars = {{"transform", {{{"filter", "datum.part == 'written'"}}}},
                     {"mark", {{"type", "bar"}, {"height", {{"band", 0.68}}}}},
                     {"encoding", encoding}};
  const json ticks = {{"transform", {{{"filter", "datum.part == 'disk limit, same run'"}}}},
                      {"mark", {{"type", "tick"}, {"thickness", 2.5}, {"height", {{"band", 0.9}}}}},
                      {"encoding", encoding}};
  const json points = {
      {"transform", {{{"filter", "datum.part == 'effective (logical)'"}}}},
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 60}, {"opacity", 1}}},
      {"encoding", encoding}};
  const json layers = {
      {"width", 340}, {"height", {{"step", 22}}}, {"layer", {bars, points, ticks}}};
  return {
      "throughput", "Throughput against this machine's limit",
      "Bar: bytes that were written per second of persist. Dot: bytes of state per second (above "
      "the bar where saves are smaller than the state). Line: a plain new file of the same size, "
      "probed between the saves. A strategy that syncs nothing can pass the line: its bytes are "
      "not on disk yet.",
      "Bytes written per second of persist. " + extremes_text(results, "written_bytes_per_s"),
      base(values, layers)};
}

// Two bars per strategy.
struct PairedBars {
  const char* first;
  const char* second;
  const char* suffix;  // of both metrics
  const char* title;   // of the axis
  double scale;
  const char* colour;  // of the second
};

json paired_bars(const ResultRows& results, const PairedBars& bars) {
  json values = json::array();
  for (const ResultRow& row : results.rows) {
    for (const char* part : {bars.first, bars.second}) {
      const Estimate estimate =
          row.metric(bars.suffix[0] == '_' ? part + std::string(bars.suffix)
                                           : bars.suffix + std::string(part) + "_ns");
      if (!estimate.known()) continue;
      json value = row_of(row);
      value["part"] = part;
      value["value"] = number(estimate.value * bars.scale);
      values.push_back(value);
    }
  }
  const json order = {bars.first, bars.second};
  return base(values, {{"width", 340},
                       {"height", {{"step", 12}}},
                       {"mark", {{"type", "bar"}}},
                       {"encoding",
                        {{"y", strategy_axis()},
                         {"yOffset", {{"field", "part"}, {"sort", order}}},
                         {"x", value_axis("value", bars.title)},
                         {"color", colours(order, {kBlue, bars.colour})}}}});
}

Chart bytes_chart(const ResultRows& results) {
  return {"bytes", "Bytes per parameter",
          "Written: by one save. Retained: blocks on disk under the retention policy, all kept "
          "checkpoints together.",
          "Bytes per parameter of a save. " + extremes_text(results, "written_bytes_per_parameter"),
          paired_bars(results, {"written", "retained", "_bytes_per_parameter",
                                "bytes per parameter", 1, kVermilion})};
}

Chart restore_chart(const ResultRows& results) {
  return {
      "restore", "Restore, to the first verified step",
      "From the start of the process; the harness's own verification of the state is not counted. "
      "Cold: the checkpoint's pages were evicted from memory first, and that was checked. Warm: "
      "they were in the page cache.",
      "Process start to the first step, cold. " +
          extremes_text(results, "restore_first_step_cold_ns"),
      paired_bars(results,
                  {"cold", "warm", "restore_first_step_", "s, lower is better", 1e-9, kOrange})};
}

}  // namespace

nlohmann::json chart_config() {
  return {{"font", "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"},
          {"view", {{"stroke", nullptr}}},
          {"axis",
           {{"labelFontSize", 12},
            {"titleFontSize", 12},
            {"titleFontWeight", "normal"},
            {"gridColor", "#e6e8eb"}}},
          {"legend", {{"orient", "top"}, {"title", nullptr}, {"labelFontSize", 12}}}};
}

std::vector<Chart> make_charts(const ResultRows& results, const std::vector<Record>& records) {
  std::vector<Chart> charts;
  for (Chart& chart : std::vector<Chart>{stall_chart(results), throughput_chart(results),
                                         bytes_chart(results), restore_chart(results)}) {
    if (!chart.spec["data"]["values"].empty()) charts.push_back(std::move(chart));
  }
  if (const Record* trial = choose_loss_trial(records, results)) {
    charts.push_back(loss_chart(*trial));
  }
  return charts;
}

}  // namespace ckptbench
