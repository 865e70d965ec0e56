// The limit of a cold restore: the files that it has read, read again by the fastest simple reader,
// evicted and checked before each pass. Nothing else may read the folder meanwhile. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
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

class ReadProbe {
 public:
  explicit ReadProbe(std::string folder) : folder_(std::move(folder)) {}

  // The first time: the least of one pass in each shape and a second one in the fastest. Later: one
  // pass in that shape. Errors: no file to read, pages that stay cached, a failed read.
  Result<ReadLimit> run(uint64_t bytes);

 private:
  Result<int64_t> choose_shape(const std::vector<ReadRange>& ranges);

  std::string folder_;
  std::optional<ProbeOptions> shape_;
};

}  // namespace ckptbench
