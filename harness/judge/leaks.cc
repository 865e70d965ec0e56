#include "harness/judge/leaks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace ckptbench {
namespace {

constexpr double kHeapPerSave = 4096;
constexpr double kResidentPerSave = 8192;

struct Growth {
  std::string key;
  double per_save;        // the least mean rise that counts
  size_t saves;           // the fewest saves that can show it
  uint64_t skip;          // first saves that are no part of it
  bool creeping = false;  // less than one a save is a leak, too
};

// Rises at most saves of the second half, when everything that is made once was made, by enough on
// average, and never falls back: what a chain of increments keeps until the next full checkpoint
// comes and goes.
bool grows(const std::vector<double>& values, const Growth& rule) {
  if (values.size() < rule.saves) return false;
  const size_t from = values.size() / 2;
  const size_t count = values.size() - from;
  size_t rises = 0;
  for (size_t i = from; i < values.size(); ++i) rises += values[i] > values[i - 1];
  const double mean = (values.back() - values[from - 1]) / static_cast<double>(count);
  const auto quarter = static_cast<int64_t>(std::max<size_t>(1, values.size() / 4));
  const auto half = values.begin() + static_cast<int64_t>(from);
  const bool stays = *std::min_element(values.end() - quarter, values.end()) >
                     *std::max_element(half - quarter, half);
  return stays && 4 * rises >= 3 * count && mean >= rule.per_save;
}

// A count that nothing but a leak moves, by less than one a save: it never falls in the second
// half.
bool creeps(const std::vector<double>& values) {
  constexpr size_t kLeastRises = 3;
  if (values.size() < 4 * kLeastRises) return false;
  const auto half = values.begin() + static_cast<int64_t>(values.size() / 2);
  size_t rises = 0;
  for (auto it = half; it != values.end(); ++it) {
    if (*it < *(it - 1)) return false;
    rises += *it > *(it - 1);
  }
  return rises >= kLeastRises;
}

}  // namespace

std::vector<std::string> find_leaks(const nlohmann::json& observed, const Policy& policy,
                                    bool retains) {
  std::vector<std::string> leaks;
  const auto check = [&](const Growth& rule) {
    std::vector<double> values = observed.value(rule.key, std::vector<double>{});
    values.erase(values.begin(), values.begin() + static_cast<int64_t>(std::min<uint64_t>(
                                                      rule.skip, values.size())));
    if (!grows(values, rule) && !(rule.creeping && creeps(values))) return;
    leaks.push_back(fmt::format("growth with every save of {}: {:.0f} to {:.0f} in {} saves",
                                rule.key, values.front(), values.back(), values.size()));
  };
  check({"descriptors", 0.75, 5, 0, true});
  check({"processes", 0.75, 5, 0, true});
  // What correct strategies and the harness's own notes come to, and why these values:
  // docs/metrics.md.
  check({"heap_bytes", kHeapPerSave, 16, 0});
  check({"resident_bytes", kResidentPerSave, 16, 0});
  // Until retention has something to delete, every checkpoint adds to what is kept.
  const bool keeps_all = policy.keep_every > 0 || policy.keep_best > 0;
  if (retains && !keeps_all) check({"retained_bytes", 4096, 5, policy.keep_last + 1});
  return leaks;
}

}  // namespace ckptbench
