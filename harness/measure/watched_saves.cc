#include "harness/measure/watched_saves.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>

#include "harness/core/json_fields.h"

namespace ckptbench {
namespace {

constexpr auto kWatchedSavesFields = [](auto& json, auto& watched) {
  json.field("saves", watched.saves);
};

uint64_t distance(uint64_t a, uint64_t b) {
  return a > b ? a - b : b - a;
}

uint64_t sum_of(const FileSizes& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), uint64_t{0});
}

}  // namespace

Result<WatchedSaves> WatchedSaves::read(const std::string& path) {
  if (!std::filesystem::exists(path)) return WatchedSaves{};
  return read_json_file<WatchedSaves>(path);
}

Result<WatchedSaves> WatchedSaves::beside(const std::string& report_path) {
  return read((std::filesystem::path(report_path).parent_path() / kWatchReport).string());
}

std::optional<bool> WatchedSaves::direct() const {
  std::optional<bool> direct;
  for (const SaveSequence& save : saves) {
    for (const WriteKind& kind : save.kinds) direct = direct.value_or(false) || kind.direct;
  }
  return direct;
}

PlainSave WatchedSaves::plain(const Written& written, bool survives_power) const {
  if (saves.empty()) return claimed_save(written.sizes, survives_power, written.in_place);
  const auto unlikeness = [&](const SaveSequence& watched) {
    return std::pair(distance(watched.sizes.size(), written.sizes.size()),
                     distance(sum_of(watched.sizes), sum_of(written.sizes)));
  };
  const auto latest_first = std::ranges::min_element(saves.rbegin(), saves.rend(), {}, unlikeness);
  return {.sequence = with_sizes(*latest_first, written.sizes), .in_place = written.in_place};
}

void to_json(nlohmann::json& out, const WatchedSaves& value) {
  write_fields(out, value, kWatchedSavesFields);
}

void from_json(const nlohmann::json& in, WatchedSaves& value) {
  read_fields(in, "watched saves", value, kWatchedSavesFields);
}

}  // namespace ckptbench
