#include "harness/measure/write_cycle.h"

#include <algorithm>
#include <cmath>

namespace ckptbench {
namespace {

constexpr double kAlike = 0.02;       // of the largest save: a difference that is none
constexpr double kAsMuchAsAll = 0.9;  // of the first save

double bytes_of(const Written& written) {
  return static_cast<double>(written.bytes);
}

bool repeats_after(std::span<const Written> saves, uint64_t count, double difference) {
  for (size_t i = count; i < saves.size(); ++i) {
    if (std::abs(bytes_of(saves[i]) - bytes_of(saves[i - count])) > difference) return false;
  }
  return true;
}

}  // namespace

uint64_t cycle_of(std::span<const Written> saves) {
  if (saves.empty()) return 0;
  const double difference = kAlike * bytes_of(std::ranges::max(saves, {}, &Written::bytes));
  for (uint64_t count = 1; 2 * count <= saves.size(); ++count) {
    if (repeats_after(saves, count, difference)) return count;
  }
  return 0;
}

bool watched_enough(const Written& first, std::span<const Written> saves) {
  if (saves.size() < kFewestWatched) return false;
  if (saves.size() >= kMostWatched || cycle_of(saves) > 1) return true;
  return std::ranges::all_of(
      saves, [&](const Written& each) { return bytes_of(each) >= kAsMuchAsAll * bytes_of(first); });
}

double mean_bytes(std::span<const Written> saves) {
  double sum = 0;
  for (const Written& each : saves) sum += bytes_of(each);
  return saves.empty() ? 0 : sum / static_cast<double>(saves.size());
}

Written average_of(std::span<const Written> saves) {
  const double mean = mean_bytes(saves);
  Written average = std::ranges::min(
      saves, {}, [&](const Written& each) { return std::abs(bytes_of(each) - mean); });
  const double factor = average.bytes > 0 ? mean / bytes_of(average) : 0;
  for (uint64_t& size : average.sizes) {
    size = static_cast<uint64_t>(std::llround(static_cast<double>(size) * factor));
  }
  average.bytes = static_cast<uint64_t>(std::llround(mean));
  return average;
}

}  // namespace ckptbench
