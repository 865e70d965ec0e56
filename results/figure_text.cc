#include "results/figure_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/core/count_text.h"

namespace ckptbench {
namespace {

constexpr std::string_view kUnknown = "–";

std::string with_params(const std::string& name, const ParamText& given) {
  if (given.empty()) return name;
  std::string params;
  for (const auto& [key, value] : given) {
    params += fmt::format("{}{}={}", params.empty() ? "" : ", ", key, value);
  }
  return fmt::format("{} ({})", name, params);
}

int decimals_of(double value, int digits) {
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
  return std::clamp(digits - 1 - magnitude, 0, 4);
}

std::string number_of(const Metric& metric, double raw) {
  if (metric.unit == MetricUnit::kBytes) return format_bytes(raw);
  if (metric.unit == MetricUnit::kCount && std::isfinite(raw)) return fmt::format("{:.0f}", raw);
  return format_number(raw * unit_factor(metric.unit), metric.digits);
}

}  // namespace

std::string format_number(double value, int digits) {
  if (!std::isfinite(value)) return std::string(kUnknown);
  if (value == 0) return "0";
  return fmt::format("{:.{}f}", value, decimals_of(value, digits));
}

std::string format_number_below(double value, int digits) {
  if (!std::isfinite(value) || value == 0) return format_number(value, digits);
  const int decimals = decimals_of(value, digits);
  const double scale = std::pow(10, decimals);
  return fmt::format("{:.{}f}", std::trunc(value * scale) / scale, decimals);
}

std::string format_ms(double ns) {
  return format_number(ns * unit_factor(MetricUnit::kMs)) + " ms";
}

std::string format_bytes(double bytes) {
  if (!std::isfinite(bytes)) return std::string(kUnknown);
  constexpr std::array<std::string_view, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  size_t unit = 0;
  while (std::abs(bytes) >= 1000 && unit + 1 < kUnits.size()) {
    bytes /= 1000;
    ++unit;
  }
  return fmt::format("{} {}", unit == 0 ? fmt::format("{:.0f}", bytes) : format_number(bytes),
                     kUnits[unit]);
}

std::string value_text(const Metric& metric, const Estimate& estimate) {
  return estimate.known() ? number_of(metric, estimate.value) : std::string(kUnknown);
}

std::string interval_text(const Metric& metric, const Estimate& estimate) {
  if (!estimate.known()) return "";
  if (estimate.has_interval()) {
    return fmt::format("[{}, {}]", number_of(metric, estimate.low),
                       number_of(metric, estimate.high));
  }
  return fmt::format("({})", count_text(estimate.count, "sample"));
}

std::string figure_text(const Metric& metric, const Estimate& estimate) {
  const std::string interval = interval_text(metric, estimate);
  return value_text(metric, estimate) + (interval.empty() ? "" : " " + interval);
}

std::string label(const Selection& selection) {
  return with_params(selection.name, selection.params);
}

std::string short_label(const Selection& selection) {
  const std::string_view name = selection.name;
  const size_t colon = name.find(':');
  const size_t slash = name.rfind('/');
  const bool is_file = colon != std::string_view::npos && slash != std::string_view::npos;
  if (!is_file || slash < colon) return label(selection);
  std::string out(name.substr(0, colon + 1));
  out += name.substr(slash + 1);
  return with_params(out, selection.params);
}

}  // namespace ckptbench
