// The limit of a cold restore: the files that it has read, read again by the fastest simple reader,
// evicted and checked before each pass. Free function; nothing else may read the folder meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/measure/probe.h"

namespace ckptbench {

// The newest files of the folder, up to `bytes` in all: what a restore that took so many bytes from
// the disk is taken to have read, seen from outside.
Result<std::vector<ReadRange>> newest_ranges(const std::string& folder, uint64_t bytes);

struct ReadLimit {
  int64_t ns = 0;
  uint64_t bytes = 0;
  std::string shape;
};
// The least time of one pass in each shape and a second one in the fastest. Errors: no file to
// read, pages that stay cached, a failed read.
Result<ReadLimit> probe_cold_reads(const std::string& folder, uint64_t bytes);

}  // namespace ckptbench
