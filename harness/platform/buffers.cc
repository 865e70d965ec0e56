#include "harness/platform/buffers.h"

#include <algorithm>

namespace ckptbench {

Status Buffers::reserve(uint64_t count, uint64_t bytes) {
  buffers_.resize(std::max<size_t>(buffers_.size(), count));
  for (uint64_t i = 0; i < count; ++i) {
    if (buffers_[i] && buffers_[i]->bytes() >= bytes) continue;
    buffers_[i].reset();
    Result<std::unique_ptr<HostBuffer>> buffer = device_.allocate_host(bytes);
    if (!buffer) return buffer.error();
    buffers_[i] = std::move(buffer).value();
  }
  return {};
}

}  // namespace ckptbench
