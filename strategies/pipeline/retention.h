// The decision: which checkpoints a retention may delete, and in which order, so that a crash in
// between leaves everything restorable that is still listed. It deletes nothing; retirement.h
// carries the decision out. Free function; any thread.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "harness/core/error.h"
#include "strategies/pipeline/catalog.h"

namespace ckptbench {

struct RetentionRequest {
  std::set<uint64_t> keep;
  // What the caller could know of when it asked. All others stay.
  std::set<uint64_t> known;
};

// What to delete of `entries` (newest first, all durable) when `keep`, `others` and all that they
// need stay; newest first, so that a checkpoint is deleted before those that it refers to. These
// stay too: the newest readable one, until a newer one is there; one that the caller could not know
// of, and what it needs; a record that cannot be read, and all older ones, since it is unknown
// which of them it needs. Errors: `keep` is empty, names a checkpoint that is not there, or none
// that can be read; nothing may be deleted then.
Result<std::vector<CheckpointInfo>> plan_retention(std::span<const CatalogEntry> entries,
                                                   const RetentionRequest& request,
                                                   const std::set<uint64_t>& others);

}  // namespace ckptbench
