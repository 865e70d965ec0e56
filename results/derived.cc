#include "results/derived.h"

#include <algorithm>
#include <optional>
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

struct Probe {
  const char* time;
  const char* bytes;
};

constexpr Probe kProbes[] = {{"probe_new_file_ns", "probe_bytes"},
                             {"probe_overwrite_ns", "probe_bytes"},
                             {"probe_read_cold_ns", "probe_read_bytes"}};

// A limit is what the machine was seen to reach, so the fastest probe is it: a slower one says that
// somebody else had the disk at that moment. Its time, for the median size of the probes.
std::optional<double> limit_ns(const std::vector<double>& times, const std::vector<double>& bytes) {
  double best = 0;
  for (size_t i = 0; i < std::min(times.size(), bytes.size()); ++i) {
    if (times[i] > 0 && bytes[i] / times[i] > best) best = bytes[i] / times[i];
  }
  if (best <= 0) return std::nullopt;
  return median(bytes) / best;
}

SampleMap with_limits(SampleMap samples) {
  for (const Probe& probe : kProbes) {
    const auto times = samples.find(probe.time);
    const auto bytes = samples.find(probe.bytes);
    if (times == samples.end() || bytes == samples.end()) continue;
    if (const auto limit = limit_ns(times->second, bytes->second)) times->second = {*limit};
  }
  return samples;
}

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
  const SampleMap limited = with_limits(samples);
  for (const Quotient& row : kQuotients) {
    if (samples.count(row.name) != 0) continue;
    if (writes_nothing(samples) && row.denominator == std::string_view("persist_ns")) continue;
    const auto top = limited.find(row.numerator);
    const auto bottom = limited.find(row.denominator);
    if (top == limited.end() || bottom == limited.end()) continue;
    estimates[row.name] = estimate_quotient(top->second, bottom->second, row.scale);
  }
  return estimates;
}

}  // namespace ckptbench
