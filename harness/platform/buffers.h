// Page-aligned host buffers that are allocated and faulted in once and reused by every later save,
// one per member of a team. They grow only when a larger one is asked for.
// Threads: reserve() from one; then each slot from one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "harness/core/error.h"
#include "harness/platform/device.h"

namespace ckptbench {

class Buffers {
 public:
  explicit Buffers(Device& device) : device_(device) {}

  // At least `count` buffers of at least `bytes` each. Errors: no memory.
  Status reserve(uint64_t count, uint64_t bytes);
  // REQUIRES: index < count of the last reserve.
  std::span<std::byte> at(uint64_t index) {
    return {buffers_[index]->data(), buffers_[index]->bytes()};
  }

 private:
  Device& device_;
  std::vector<std::unique_ptr<HostBuffer>> buffers_;
};

}  // namespace ckptbench
