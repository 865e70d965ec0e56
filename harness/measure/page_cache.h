// Cold and warm restores: drops the files of a folder from the page cache or reads them into it,
// and tells with mincore what is there. Free functions; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "harness/core/error.h"

namespace ckptbench {

struct CachedPages {
  uint64_t total = 0;     // pages of all files
  uint64_t resident = 0;  // of these in the page cache
};

// Regular files below the folder. Errors name the file.
Result<CachedPages> cached_pages(const std::string& folder);
// Writes back and drops every file's pages. What stays is what another process maps, or all of it
// on a file system that lives in memory: look with cached_pages().
Status evict(const std::string& folder);
// Reads every file through the page cache, again while pages are missing: the first reading of many
// pages may leave some out. What is there then; less than all where memory is short.
Result<CachedPages> read_into_cache(const std::string& folder);
// The same with any reading and any look at what is there; reads at most kReadings times.
inline constexpr int kReadings = 5;
Result<CachedPages> read_until_resident(const std::function<Status()>& read,
                                        const std::function<Result<CachedPages>()>& look);

}  // namespace ckptbench
