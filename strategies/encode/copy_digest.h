// Copies and checksums in one pass over the source. Free functions; any thread.
#pragma once

#include <cstddef>
#include <span>

#include "harness/core/digest.h"

namespace ckptbench {

// The digest of what was copied, taken from the copy while it is in the cache.
Digest copy_digest(std::byte* to, std::span<const std::byte> from);

}  // namespace ckptbench
