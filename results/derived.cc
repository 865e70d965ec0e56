#include "results/derived.h"

#include <algorithm>
#include <string_view>

namespace ckptbench {
namespace {

constexpr double kNsPerS = 1e9;

// a[i] / b[i] × scale where both have a value per save; otherwise one of them is of the whole cell,
// and its median stands for each.
std::vector<double> divide(const SampleMap& samples, const std::string& numerator,
                           const std::string& denominator, double scale) {
  const auto a = samples.find(numerator);
  const auto b = samples.find(denominator);
  std::vector<double> out;
  if (a == samples.end() || b == samples.end()) return out;
  const bool paired = a->second.size() == b->second.size();
  const bool many_below = b->second.size() > a->second.size();
  const double whole_a = median(a->second);
  const double whole_b = median(b->second);
  for (size_t i = 0; i < std::max(a->second.size(), b->second.size()); ++i) {
    const double top = paired || !many_below ? a->second[i] : whole_a;
    const double bottom = paired || many_below ? b->second[i] : whole_b;
    out.push_back(scale * top / bottom);
  }
  return out;
}

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
    const auto values = divide(samples, row.numerator, row.denominator, row.scale);
    if (!values.empty()) estimates[row.name] = estimate_median(values);
  }
  return estimates;
}

}  // namespace ckptbench
