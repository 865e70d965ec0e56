#include "harness/core/near_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace ckptbench {
namespace {

// Levenshtein distance, two rows.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::string unknown_name(std::string_view what, std::string_view name,
                         std::span<const std::string> known) {
  std::vector<std::pair<size_t, std::string>> near;
  for (const std::string& candidate : known) {
    const bool prefix = !name.empty() && candidate.starts_with(name);
    const size_t distance = prefix ? 1 : edit_distance(name, candidate);
    if (distance <= std::max<size_t>(2, name.size() / 3)) near.emplace_back(distance, candidate);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min<size_t>(3, near.size()); ++i) {
    names.push_back("'" + near[i].second + "'");
  }
  if (!names.empty()) {
    return fmt::format("unknown {} '{}'; did you mean {}?", what, name, fmt::join(names, " or "));
  }
  return fmt::format("unknown {} '{}'; known: {}", what, name, fmt::join(known, ", "));
}

}  // namespace ckptbench
