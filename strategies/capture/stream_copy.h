// A copy into memory that nobody reads soon. Free function; any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ckptbench {

// As memcpy; large copies bypass the cache, which saves reading the destination first.
void stream_copy(std::byte* to, const std::byte* from, uint64_t bytes);

}  // namespace ckptbench
