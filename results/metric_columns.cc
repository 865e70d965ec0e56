// Units, columns and the tables of docs/metrics.md, from the rows of metrics.cc.
#include <fmt/format.h>

#include <algorithm>

#include "results/metrics.h"

namespace ckptbench {
namespace {

using enum MetricUnit;
using enum Better;

std::string_view better_name(Better better) {
  return better == kLower ? "lower" : better == kHigher ? "higher" : "–";
}

std::string formula(const Metric& metric) {
  std::string quotient = fmt::format("`{}` / `{}`", metric.numerator, metric.denominator);
  if (!metric.denominator_on_gpu.empty()) {
    quotient += fmt::format(" (GPU: `{}`)", metric.denominator_on_gpu);
  }
  if (metric.factor == 1) return quotient;
  return fmt::format("{} × {}", metric.factor == kNsPerS ? "10⁹" : fmt::format("{}", metric.factor),
                     quotient);
}

std::string markdown_table(bool derived) {
  std::string out = fmt::format("| Name | Column | {} | Better | What |\n|---|---|---|---|---|\n",
                                derived ? "Formula" : "One sample per");
  for (const Metric& metric : all_metrics()) {
    if (metric.derived() != derived) continue;
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", metric.key, metric.column,
                       derived ? formula(metric) : std::string(metric.sample),
                       better_name(metric.better), metric.doc);
  }
  return out;
}

}  // namespace

double unit_factor(MetricUnit unit) {
  switch (unit) {
    case kMs:
      return 1e-6;
    case kSeconds:
    case kGbPerS:
      return 1e-9;
    case kPercent:
    case kBytes:
    case kBytesEach:
    case kCount:
    case kTimes:
      break;
  }
  return 1;
}

std::string_view unit_name(MetricUnit unit) {
  switch (unit) {
    case kMs:
      return "ms";
    case kSeconds:
      return "s";
    case kPercent:
      return "%";
    case kGbPerS:
      return "GB/s";
    case kBytes:
    case kBytesEach:
      return "B";
    case kTimes:
      return "×";
    case kCount:
      break;
  }
  return "";
}

std::vector<MetricColumn> metric_columns(Shown place) {
  std::vector<MetricColumn> columns;
  for (const Metric& metric : all_metrics()) {
    if ((metric.shown & place) == 0) continue;
    auto column = std::find_if(columns.begin(), columns.end(), [&](const MetricColumn& other) {
      return other.head == metric.column;
    });
    if (column == columns.end()) column = columns.insert(columns.end(), {metric.column, {}});
    column->metrics.push_back(&metric);
    column->always = column->always || metric.always;
    column->parts = column->parts || metric.is_stall_part();
  }
  return columns;
}

std::string measured_metrics_markdown() {
  return markdown_table(false);
}

std::string derived_metrics_markdown() {
  return markdown_table(true);
}

}  // namespace ckptbench
