#include "strategies/pipeline/retention.h"

#include <fmt/format.h>

namespace ckptbench {

Result<std::vector<uint64_t>> plan_retention(const Catalog& catalog, const std::set<uint64_t>& keep,
                                             const std::set<uint64_t>& pinned) {
  if (keep.empty()) return Error{"retain: no checkpoint to keep, expected at least one"};
  for (const uint64_t seq : keep) {
    if (!catalog.find(seq)) return Error{fmt::format("retain: there is no checkpoint {}", seq)};
  }
  std::set<uint64_t> roots = keep;
  roots.insert(pinned.begin(), pinned.end());
  const std::set<uint64_t> stay = catalog.with_needed(roots);
  std::vector<uint64_t> drop;
  for (const CatalogEntry& entry : catalog.entries()) {
    if (entry.manifest && !stay.contains(entry.seq)) drop.push_back(entry.seq);
  }
  return drop;
}

}  // namespace ckptbench
