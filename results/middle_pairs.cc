#include "results/middle_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/core/order_statistics.h"

namespace ckptbench {
namespace {

using Parts = std::map<std::string, double>;  // by key

// One pair, or the mean of several.
struct Stall {
  double ns = 0;
  Parts parts_ns;
  size_t pairs = 1;
};

const std::vector<double>& samples_of(const SampleMap& process, const std::string& key) {
  static const std::vector<double> kNone;
  const auto found = process.find(key);
  return found == process.end() ? kNone : found->second;
}

std::vector<std::string> sampled_parts(const SampleMap& samples) {
  std::vector<std::string> keys;
  for (const Metric* metric : stall_parts()) {
    std::string key(metric->key);
    if (!samples_of(samples, key).empty()) keys.push_back(std::move(key));
  }
  return keys;
}

bool every_pair_has(const std::vector<std::string>& parts, const SampleMap& process) {
  const size_t pairs = samples_of(process, "stall_ns").size();
  return std::all_of(parts.begin(), parts.end(), [&](const std::string& key) {
    return samples_of(process, key).size() == pairs;
  });
}

// Those that the median of the stalls takes in.
std::vector<Stall> pairs_of(const SampleMap& process, const std::vector<std::string>& parts) {
  const std::vector<double>& stalls = samples_of(process, "stall_ns");
  std::vector<Stall> pairs;
  for (size_t i = 0; i < stalls.size(); ++i) {
    if (!std::isfinite(stalls[i])) continue;
    Stall& pair = pairs.emplace_back(Stall{.ns = stalls[i], .parts_ns = {}});
    for (const std::string& key : parts) pair.parts_ns[key] = samples_of(process, key)[i];
  }
  return pairs;
}

Stall mean(const Stall& a, const Stall& b) {
  Stall both{(a.ns + b.ns) / 2, a.parts_ns, a.pairs + b.pairs};
  for (auto& [key, value] : both.parts_ns) value = (value + b.parts_ns.at(key)) / 2;
  return both;
}

// As the median is defined (results/statistics.h). REQUIRES: not empty.
Stall middle_of(std::vector<Stall> stalls) {
  std::stable_sort(stalls.begin(), stalls.end(),
                   [](const Stall& a, const Stall& b) { return a.ns < b.ns; });
  const Stall& upper = stalls[stalls.size() / 2];
  return stalls.size() % 2 == 1 ? upper : mean(stalls[stalls.size() / 2 - 1], upper);
}

// As results/process_spread.h takes the stall: of enough processes, that of their medians.
MiddlePairs middle_of_processes(const std::vector<std::vector<Stall>>& processes) {
  std::vector<Stall> all;
  std::vector<Stall> medians;
  for (const std::vector<Stall>& pairs : processes) {
    all.insert(all.end(), pairs.begin(), pairs.end());
    if (!pairs.empty()) medians.push_back(middle_of(pairs));
  }
  if (all.empty()) return {};
  const bool of_medians = medians.size() >= kFewestForInterval;
  const Stall middle = middle_of(of_medians ? medians : all);
  const bool finite = std::all_of(middle.parts_ns.begin(), middle.parts_ns.end(),
                                  [](const auto& part) { return std::isfinite(part.second); });
  if (!finite) return {};
  return {middle.parts_ns, middle.pairs, of_medians ? 2 - medians.size() % 2 : 0};
}

}  // namespace

MiddlePairs middle_pairs(const ResultRow& row) {
  const std::vector<std::string> parts = sampled_parts(row.samples);
  std::vector<std::vector<Stall>> processes;
  for (const SampleMap& process : row.processes) {
    if (!every_pair_has(parts, process)) return {};
    processes.push_back(pairs_of(process, parts));
  }
  return middle_of_processes(processes);
}

std::string middle_pairs_text(const MiddlePairs& middle, const ResultRow& row) {
  const bool one = middle.pairs == 1;
  const Estimate stall = row.metric("stall_ns");
  if (middle.processes == 0) {
    return fmt::format("the {} of {} pairs {}", one ? "one" : "two", stall.count,
                       one ? "with the median stall" : "around the median stall, averaged");
  }
  return fmt::format(
      "the {} around {} of {} processes{}", one ? "one" : std::to_string(middle.pairs),
      middle.processes == 1 ? "the median of the middle one" : "the medians of the middle two",
      stall.processes, one ? "" : ", averaged");
}

}  // namespace ckptbench
