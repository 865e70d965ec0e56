// Copies that a save makes: into memory that is not read soon, and with a digest on the way.
// Free functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "harness/core/digest.h"

namespace ckptbench {

// As memcpy; large copies bypass the cache, which saves reading the destination first.
void stream_copy(std::byte* to, const std::byte* from, uint64_t bytes);

// Copies and returns the digest of what was copied, taken from the copy while it is in the cache.
Digest copy_digest(std::byte* to, std::span<const std::byte> from);

}  // namespace ckptbench
