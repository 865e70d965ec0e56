#include "results/page/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "results/figure_text.h"
#include "results/middle_pairs.h"
#include "results/page/chart_groups.h"
#include "results/row_marks.h"

namespace ckptbench {
namespace {

using nlohmann::json;

// Okabe and Ito's palette: distinct for every common colour vision.
constexpr const char* kBlue = "#0072b2";
constexpr const char* kSky = "#56b4e9";
constexpr const char* kOrange = "#e69f00";
constexpr const char* kVermilion = "#d55e00";
constexpr const char* kGreen = "#009e73";
constexpr const char* kPurple = "#cc79a7";
constexpr const char* kPartColours[] = {kBlue, kVermilion, kOrange, kGreen, kSky, kPurple};

// In order of appearance; left to itself, a facet sorts by name.
json groups_of(const json& values) {
  json order = json::array();
  for (const json& value : values) {
    if (std::find(order.begin(), order.end(), value["group"]) == order.end()) {
      order.push_back(value["group"]);
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
           {{"field", "group"},
            {"type", "nominal"},
            {"sort", groups_of(values)},
            {"title", nullptr},
            {"header", {{"labelAnchor", "start"}, {"labelExpr", "split(datum.label, '\\n')"}}}}},
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

// "ms, lower is better"
std::string axis_title(const Metric& metric) {
  const char* better = metric.better == Better::kLower    ? ", lower is better"
                       : metric.better == Better::kHigher ? ", higher is better"
                                                          : "";
  return std::string(unit_name(metric.unit)) + better;
}

json value_axis(const char* field, const Metric& metric) {
  return {{"field", field},
          {"type", "quantitative"},
          {"title", axis_title(metric)},
          {"axis", {{"tickCount", 5}}}};
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

// In the unit of its metric.
json figure(const Metric& metric, double raw) {
  return number(raw * unit_factor(metric.unit));
}

// Each group has a picture with an axis of its own, and a heading of two lines.
json row_of(const ChartGroup& group, const ResultRow& row) {
  return {{"group", group.place + "\n" + group.claim},
          {"workload", group.place},
          {"survives", row.claim},
          {"strategy", label(row.strategy)}};
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
         "the parts are those of the pairs in its middle and add up to it; negative ones are not "
         "drawn.";
}

using Groups = std::vector<ChartGroup>;

double part_ns(const MiddlePairs& middle, const ResultRow& row, const Metric& part) {
  const auto found = middle.parts_ns.find(std::string(part.key));
  if (found != middle.parts_ns.end()) return found->second;
  const Estimate median = row.metric(part.key);
  return median.known() ? median.value : 0;
}

void add_stall(const ChartGroup& group, const ResultRow& row, json& values) {
  const Metric& metric = *find_metric("stall_ns");
  const MiddlePairs middle = middle_pairs(row);
  int order = 0;
  for (const Metric* part : stall_parts()) {
    json value = row_of(group, row);
    value["part"] = part->name();
    value["order"] = order++;
    value["value"] = figure(*part, std::max(0.0, part_ns(middle, row, *part)));
    values.push_back(value);
  }
  const Estimate stall = row.metric(metric.key);
  json total = row_of(group, row);
  total["low"] = figure(metric, stall.low);
  total["high"] = figure(metric, stall.high);
  total["stall"] = figure(metric, stall.value);
  values.push_back(total);
}

Chart stall_chart(const Groups& groups) {
  const Metric& metric = *find_metric("stall_ns");
  json values = json::array();
  for (const ChartGroup& group : groups) {
    for (const ResultRow* row : group.rows) add_stall(group, *row, values);
  }
  const json bars = {{"transform", {{{"filter", "isValid(datum.part)"}}}},
                     {"mark", {{"type", "bar"}, {"height", {{"band", 0.68}}}}},
                     {"encoding",
                      {{"y", strategy_axis()},
                       {"x", value_axis("value", metric)},
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
          "Stall of a save. " + extremes_text(groups, metric.key), base(values, layers)};
}

// As in the tables: a limit that the save itself has passed is none.
bool is_passed(const Metric& metric, const ResultRow& row) {
  return metric.key == "limit_bytes_per_s" && has_mark(row_marks(row), 'l');
}

// One value of each metric that a row knows; `part` is the metric's title. Rows that do not know
// `needed` are left out; null: none is.
json values_of(const Groups& groups, const std::vector<const Metric*>& metrics,
               const Metric* needed = nullptr) {
  json values = json::array();
  const auto add = [&](const ChartGroup& group, const ResultRow& row) {
    if (needed != nullptr && !row.metric(needed->key).known()) return;
    for (const Metric* metric : metrics) {
      const Estimate estimate = row.metric(metric->key);
      if (!estimate.known() || is_passed(*metric, row)) continue;
      json value = row_of(group, row);
      value["part"] = metric->title;
      value["value"] = figure(*metric, estimate.value);
      values.push_back(value);
    }
  };
  for (const ChartGroup& group : groups) {
    for (const ResultRow* row : group.rows) add(group, *row);
  }
  return values;
}

json only(const Metric& metric) {
  return {{{"filter", {{"field", "part"}, {"equal", metric.title}}}}};
}

Chart throughput_chart(const Groups& groups) {
  const Metric& written = *find_metric("written_bytes_per_s");
  const Metric& effective = *find_metric("effective_bytes_per_s");
  const Metric& limit = *find_metric("limit_bytes_per_s");
  const json values = values_of(groups, {&written, &effective, &limit}, &written);
  const json scale =
      colours({written.title, effective.title, limit.title}, {kBlue, kOrange, "#1b1f24"});
  const json encoding = {
      {"y", strategy_axis()}, {"x", value_axis("value", written)}, {"color", scale}};
  const json bars = {{"transform", only(written)},
                     {"mark", {{"type", "bar"}, {"height", {{"band", 0.68}}}}},
                     {"encoding", encoding}};
  const json ticks = {{"transform", only(limit)},
                      {"mark", {{"type", "tick"}, {"thickness", 2.5}, {"height", {{"band", 0.9}}}}},
                      {"encoding", encoding}};
  const json points = {
      {"transform", only(effective)},
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 60}, {"opacity", 1}}},
      {"encoding", encoding}};
  const json layers = {
      {"width", 340}, {"height", {{"step", 22}}}, {"layer", {bars, points, ticks}}};
  return {
      "throughput", "Throughput against this machine's limit",
      "Bar: bytes that were written per second of persist, without the wait for the save before. "
      "Dot: bytes of state per second (above the bar where saves are smaller than the state). "
      "Line: plain new files of the same sizes, written between the saves; none where the save was "
      "faster than all of them (mark l): the limit of the disk is then not known.",
      "Bytes written per second of persist. " + extremes_text(groups, written.key),
      base(values, layers)};
}

// Two bars per strategy, in the unit of the first.
json paired_bars(const Groups& groups, const Metric& first, const Metric& second,
                 const char* second_colour) {
  const json order = {first.title, second.title};
  return base(values_of(groups, {&first, &second}),
              {{"width", 340},
               {"height", {{"step", 12}}},
               {"mark", {{"type", "bar"}}},
               {"encoding",
                {{"y", strategy_axis()},
                 {"yOffset", {{"field", "part"}, {"sort", order}}},
                 {"x", value_axis("value", first)},
                 {"color", colours(order, {kBlue, second_colour})}}}});
}

Chart bytes_chart(const Groups& groups) {
  const Metric& written = *find_metric("written_bytes_per_parameter");
  return {"bytes", "Bytes per parameter",
          "Written: by one save. Retained: blocks on disk under the retention policy, all kept "
          "checkpoints together.",
          "Bytes per parameter of a save. " + extremes_text(groups, written.key),
          paired_bars(groups, written, *find_metric("retained_bytes_per_parameter"), kVermilion)};
}

Chart restore_chart(const Groups& groups) {
  const Metric& cold = *find_metric("restore_first_step_cold_ns");
  return {
      "restore", "Restore, to the first verified step",
      "From the start of the process; the harness's own verification of the state is not counted. "
      "Cold: the checkpoint's pages were evicted from memory first, and that was checked. Warm: "
      "they were in the page cache.",
      std::string(cold.title) + ". " + extremes_text(groups, cold.key),
      paired_bars(groups, cold, *find_metric("restore_first_step_warm_ns"), kOrange)};
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
  const Groups groups = chart_groups(results);
  for (Chart& chart : std::vector<Chart>{stall_chart(groups), throughput_chart(groups),
                                         bytes_chart(groups), restore_chart(groups)}) {
    if (!chart.spec["data"]["values"].empty()) charts.push_back(std::move(chart));
  }
  if (const Record* trial = choose_loss_trial(records, results)) {
    charts.push_back(loss_chart(*trial));
  }
  return charts;
}

}  // namespace ckptbench
