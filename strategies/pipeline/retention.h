// Which checkpoints a retention may delete, and in which order, so that a crash in between leaves
// everything restorable that is still listed. Free function over plain values.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "harness/core/error.h"
#include "strategies/pipeline/catalog.h"

namespace ckptbench {

// What to drop when `keep` and all they need stay; newest first, so that a checkpoint goes before
// those that it refers to. `pinned` stay too: a save in flight refers to them. Records that cannot
// be read stay: nobody can say what they need.
// Errors: `keep` names no checkpoint, or one that is not there; nothing may be deleted then.
Result<std::vector<uint64_t>> plan_retention(const Catalog& catalog, const std::set<uint64_t>& keep,
                                             const std::set<uint64_t>& pinned);

}  // namespace ckptbench
