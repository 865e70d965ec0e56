#include "results/derived.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "results/metrics.h"

namespace ckptbench {
namespace {

struct ProbePair {
  const char* time;
  const char* bytes;
  const char* wanted = nullptr;  // of how many bytes the time is wanted; null: of those probed
};

constexpr ProbePair kProbes[] = {{"probe_new_file_ns", "probe_bytes"},
                                 {"probe_overwrite_ns", "probe_bytes"},
                                 {"probe_read_cold_ns", "probe_read_bytes"},
                                 {"probe_to_host_ns", "probe_device_bytes", "logical_bytes"}};

// A limit is what the machine was seen to reach, so the fastest probe is it: a slower one says that
// other work used the disk at that moment. Its time, for the median of `sizes`.
std::optional<double> limit_ns(const std::vector<double>& times, const std::vector<double>& bytes,
                               const std::vector<double>& sizes) {
  double best = 0;
  for (size_t i = 0; i < std::min(times.size(), bytes.size()); ++i) {
    if (times[i] > 0 && bytes[i] / times[i] > best) best = bytes[i] / times[i];
  }
  if (best <= 0) return std::nullopt;
  return median(sizes) / best;
}

// Saves that write what changed may differ in size from what was probed: a share of the limit
// compares a save with the time that its own bytes would take.
enum class LimitOf { kProbe, kSave };

SampleMap with_limits(SampleMap samples, LimitOf of) {
  const auto written = samples.find("window_written_bytes");
  for (const ProbePair& probe : kProbes) {
    const auto times = samples.find(probe.time);
    const auto bytes = samples.find(probe.bytes);
    if (times == samples.end() || bytes == samples.end()) continue;
    const bool of_save =
        of == LimitOf::kSave && written != samples.end() && bytes->first == "probe_bytes";
    const auto wanted = probe.wanted ? samples.find(probe.wanted) : bytes;
    if (wanted == samples.end()) continue;
    const auto& sizes = of_save ? written->second : wanted->second;
    if (const auto limit = limit_ns(times->second, bytes->second, sizes)) times->second = {*limit};
  }
  return samples;
}

// `null` persists nothing: it has no time of writing, so its throughput is undefined.
bool writes_nothing(const SampleMap& samples) {
  const auto written = samples.find("written_bytes");
  return written != samples.end() && !written->second.empty() &&
         *std::max_element(written->second.begin(), written->second.end()) == 0;
}

bool is_time_of_writing(std::string_view key) {
  const Metric* metric = find_metric(key);
  return metric != nullptr && metric->writing;
}

// Records of versions that did not know it: persist, the wait for the save before included.
SampleMap with_persist_alone(SampleMap samples) {
  const auto persist = samples.find("persist_ns");
  if (persist != samples.end()) samples.try_emplace("persist_alone_ns", persist->second);
  return samples;
}

Estimate sum_of(const std::vector<double>& values) {
  Estimate estimate = estimate_median(values);
  estimate.value = 0;
  for (double value : values) estimate.value += std::isfinite(value) ? value : 0;
  estimate.confidence = 0;
  estimate.low = estimate.high = std::numeric_limits<double>::quiet_NaN();
  return estimate;
}

}  // namespace

std::map<std::string, Estimate> estimate_all(const SampleMap& measured,
                                             std::span<const Metric> metrics) {
  const SampleMap samples = with_persist_alone(measured);
  std::map<std::string, Estimate> estimates;
  for (const auto& [key, values] : samples) {
    const Metric* metric = find_metric(key);
    const bool counts = metric != nullptr && metric->sum;
    estimates[key] = counts ? sum_of(values) : estimate_median(values);
  }
  const SampleMap of_probes = with_limits(samples, LimitOf::kProbe);
  const SampleMap of_saves = with_limits(samples, LimitOf::kSave);
  for (const Metric& metric : metrics) {
    if (!metric.derived() || samples.count(std::string(metric.key)) != 0) continue;
    if (writes_nothing(samples) && is_time_of_writing(metric.denominator)) continue;
    const SampleMap& limited = metric.share_of_limit ? of_saves : of_probes;
    const auto top = limited.find(std::string(metric.numerator));
    const bool on_gpu = samples.count(std::string(metric.denominator_on_gpu)) != 0;
    const std::string_view denominator = on_gpu ? metric.denominator_on_gpu : metric.denominator;
    const auto bottom = limited.find(std::string(denominator));
    if (top == limited.end() || bottom == limited.end()) continue;
    const Estimate estimate = estimate_quotient(top->second, bottom->second, metric.factor);
    // More than the limit is no share of it: the probes have missed what the machine can do.
    if (metric.share_of_limit && estimate.value > 100) continue;
    estimates[std::string(metric.key)] = estimate;
  }
  return estimates;
}

}  // namespace ckptbench
