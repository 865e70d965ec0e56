#include "results/known_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/observed_keys.h"
#include "results/figure_text.h"

namespace ckptbench {
namespace {

std::string known_field(const nlohmann::json& entry, const char* key) {
  const auto found = entry.find(key);
  return found != entry.end() && found->is_string() ? found->get<std::string>() : "";
}

std::vector<KnownGroup> known_of(const Record& record) {
  std::vector<KnownGroup> known;
  if (!record.observed.is_object()) return known;
  const auto entries = record.observed.find(observed::kKnownFailures);
  if (entries == record.observed.end() || !entries->is_array()) return known;
  for (const nlohmann::json& entry : *entries) {
    if (!entry.is_object()) continue;
    known.push_back({short_label(record.cell.strategy), known_field(entry, "verdict"),
                     known_field(entry, "reason"), known_field(entry, "source"), 1});
  }
  return known;
}

bool same_entry(const KnownGroup& a, const KnownGroup& b) {
  return a.strategy == b.strategy && a.verdict == b.verdict && a.reason == b.reason &&
         a.source == b.source;
}

}  // namespace

std::vector<KnownGroup> known_groups(const std::vector<Record>& records) {
  std::vector<KnownGroup> groups;
  for (const Record& record : records) {
    for (const KnownGroup& own : known_of(record)) {
      const auto group = std::find_if(groups.begin(), groups.end(), [&](const KnownGroup& other) {
        return same_entry(own, other);
      });
      if (group == groups.end()) {
        groups.push_back(own);
      } else {
        ++group->trials;
      }
    }
  }
  return groups;
}

std::string known_text(const Record& record) {
  std::string out;
  for (const KnownGroup& own : known_of(record)) {
    out += fmt::format("{}{}: {}{}", out.empty() ? "" : "; ", own.verdict, own.reason,
                       own.source.empty() ? "" : " (" + own.source + ")");
  }
  return out;
}

size_t count_known(const std::vector<Record>& records) {
  return static_cast<size_t>(
      std::count_if(records.begin(), records.end(),
                    [](const Record& record) { return !known_of(record).empty(); }));
}

}  // namespace ckptbench
