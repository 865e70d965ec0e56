#include "results/derived.h"

#include <algorithm>
#include <string_view>

namespace ckptbench {
namespace {

constexpr double kNsPerS = 1e9;

struct Quotient {
  const char* name;
  const char* numerator;
  const char* denominator;
  double scale;
};

constexpr Quotient kQuotients[] = {
    {"effective_bytes_per_s", "logical_bytes", "persist_ns", kNsPerS},
    {"written_bytes_per_s", "written_bytes", "persist_ns", kNsPerS},
    {"limit_bytes_per_s", "probe_bytes", "probe_new_file_ns", kNsPerS},
    {"of_limit_pct", "probe_new_file_ns", "persist_ns", 100},
    {"overwrite_limit_bytes_per_s", "probe_bytes", "probe_overwrite_ns", kNsPerS},
    {"of_overwrite_limit_pct", "probe_overwrite_ns", "persist_ns", 100},
    {"read_limit_bytes_per_s", "probe_read_bytes", "probe_read_cold_ns", kNsPerS},
    {"restore_of_limit_pct", "probe_read_cold_ns", "restore_cold_ns", 100},
    {"written_bytes_per_parameter", "written_bytes", "parameters", 1},
    {"retained_bytes_per_parameter", "retained_bytes", "parameters", 1},
    {"block_per_memcpy", "block_ns", "probe_memcpy_ns", 1},
};

// `null` persists nothing: bytes of state over its no time would be a speed of nothing.
bool writes_nothing(const SampleMap& samples) {
  const auto written = samples.find("written_bytes");
  return written != samples.end() && !written->second.empty() &&
         *std::max_element(written->second.begin(), written->second.end()) == 0;
}

}  // namespace

std::map<std::string, Estimate> estimate_all(const SampleMap& samples) {
  std::map<std::string, Estimate> estimates;
  for (const auto& [name, values] : samples) {
    estimates[name] = name == "paired_ratio" ? estimate_ratio(values) : estimate_median(values);
  }
  for (const Quotient& row : kQuotients) {
    if (samples.count(row.name) != 0) continue;
    if (writes_nothing(samples) && row.denominator == std::string_view("persist_ns")) continue;
    const auto top = samples.find(row.numerator);
    const auto bottom = samples.find(row.denominator);
    if (top == samples.end() || bottom == samples.end()) continue;
    estimates[row.name] = estimate_quotient(top->second, bottom->second, row.scale);
  }
  return estimates;
}

}  // namespace ckptbench
