#include "strategies/pipeline/retention.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/one_line.h"

namespace ckptbench {

Result<std::vector<uint64_t>> plan_retention(std::span<const CatalogEntry> entries,
                                             const RetentionRequest& request,
                                             const std::set<uint64_t>& others) {
  const auto find = [&](uint64_t seq) {
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const CatalogEntry& entry) { return entry.seq == seq; });
    return found == entries.end() ? nullptr : &*found;
  };
  if (request.keep.empty()) return Error{"retain: no checkpoint to keep, expected at least one"};
  for (const uint64_t seq : request.keep) {
    const CatalogEntry* const entry = find(seq);
    if (!entry) return Error{fmt::format("retain: there is no checkpoint {}", seq)};
    if (!entry->manifest) return Error{one_line(fmt::format("retain: {}", entry->damage))};
  }
  std::set<uint64_t> roots = request.keep;
  roots.insert(others.begin(), others.end());
  for (const CatalogEntry& entry : entries) {
    roots.insert(entry.seq);
    // Up to here they are newer than all that the caller knows of, and may be commits that fail
    // yet.
    if (entry.seq <= request.known && entry.manifest) break;
  }
  const std::set<uint64_t> stay = with_needed(roots, [&](uint64_t seq) {
    const CatalogEntry* const entry = find(seq);
    return entry ? entry->manifest : nullptr;
  });
  std::vector<uint64_t> drop;
  for (const CatalogEntry& entry : entries) {
    if (!entry.manifest) break;
    if (!stay.contains(entry.seq)) drop.push_back(entry.seq);
  }
  return drop;
}

}  // namespace ckptbench
