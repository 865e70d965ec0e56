#include "results/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace ckptbench {
namespace {

constexpr std::string_view kUnknown = "–";

}  // namespace

std::string format_number(double value) {
  if (!std::isfinite(value)) return std::string(kUnknown);
  if (value == 0) return "0";
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
  return fmt::format("{:.{}f}", value, std::clamp(2 - magnitude, 0, 4));
}

std::string format_value(const Estimate& estimate, double scale) {
  return estimate.known() ? format_number(estimate.value * scale) : std::string(kUnknown);
}

std::string format_estimate(const Estimate& estimate, double scale) {
  std::string text = format_value(estimate, scale);
  if (estimate.count < 2) return text;
  return fmt::format("{} [{}, {}]", text, format_number(estimate.low * scale),
                     format_number(estimate.high * scale));
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

std::string label(const Selection& selection) {
  if (selection.params.empty()) return selection.name;
  std::string params;
  for (const auto& [name, value] : selection.params) {
    params += fmt::format("{}{}={}", params.empty() ? "" : ", ", name, value);
  }
  return fmt::format("{} ({})", selection.name, params);
}

}  // namespace ckptbench
