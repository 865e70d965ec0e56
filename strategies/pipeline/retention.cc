#include "strategies/pipeline/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "harness/core/one_line.h"

namespace ckptbench {
namespace {

const CatalogEntry* find(std::span<const CatalogEntry> newest_first, uint64_t seq) {
  const auto found = std::ranges::lower_bound(newest_first, seq, std::greater<>(),
                                              [](const CatalogEntry& entry) { return entry.seq; });
  return found == newest_first.end() || found->seq != seq ? nullptr : &*found;
}

// The list shows what the head of a record says, so one of the kept may prove damaged here. It
// stays, and all older ones for its sake; but something that can be restored must be kept.
Status check_kept(std::span<const CatalogEntry> entries, const std::set<uint64_t>& keep) {
  if (keep.empty()) return Error{"retain: no checkpoint to keep, expected at least one"};
  bool any_readable = false;
  std::string damage;
  for (const uint64_t seq : keep) {
    const CatalogEntry* const entry = find(entries, seq);
    if (!entry) return Error{fmt::format("retain: there is no checkpoint {}", seq)};
    any_readable = any_readable || entry->facts;
    if (!entry->facts) damage = entry->damage;
  }
  if (any_readable) return {};
  return Error{one_line(fmt::format("retain: none of the kept can be read: {}", damage))};
}

}  // namespace

Result<std::vector<CheckpointInfo>> plan_retention(std::span<const CatalogEntry> entries,
                                                   const RetentionRequest& request,
                                                   const std::set<uint64_t>& others) {
  const Status kept = check_kept(entries, request.keep);
  if (!kept) return kept.error();
  std::set<uint64_t> roots = request.keep;
  roots.insert(others.begin(), others.end());
  // One that the caller could not know of may be a commit that fails yet: it is not the newest that
  // is certain.
  bool found_newest = false;
  for (const CatalogEntry& entry : entries) {
    const bool known = request.known.contains(entry.seq);
    if (!known || !found_newest) roots.insert(entry.seq);
    found_newest = found_newest || known;
  }
  const std::set<uint64_t> stay = with_needed(roots, [&](uint64_t seq) {
    const CatalogEntry* const entry = find(entries, seq);
    return entry ? entry->facts : nullptr;
  });
  std::vector<CheckpointInfo> drop;
  for (const CatalogEntry& entry : entries) {
    if (!entry.facts) break;
    if (!stay.contains(entry.seq)) drop.push_back(entry.facts->info);
  }
  return drop;
}

}  // namespace ckptbench
