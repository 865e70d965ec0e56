#include "workloads/state_arena.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace ckptbench {
namespace {

constexpr uint64_t kAlign = 64;
constexpr uint64_t kRegionAlign = 4096;

}  // namespace

uint64_t padded_bytes(uint64_t bytes) {
  return (bytes + kAlign - 1) / kAlign * kAlign;
}

uint64_t element_count(const std::vector<int64_t>& shape) {
  uint64_t count = 1;
  for (const int64_t extent : shape) count *= static_cast<uint64_t>(extent);
  return count;
}

void StateArena::Free::operator()(std::byte* bytes) const {
  std::free(bytes);
}

size_t StateArena::add(const TensorSpec& spec) {
  TensorView view;
  view.name = spec.name;
  view.role = spec.role;
  view.dtype = spec.dtype;
  view.shape = spec.shape;
  view.mutates = spec.mutates;
  view.bytes = element_count(spec.shape) * dtype_bytes(spec.dtype);
  view_.tensors.push_back(std::move(view));
  on_device_.push_back(spec.on_device);
  return view_.tensors.size() - 1;
}

size_t StateArena::add_alias(const std::string& name, size_t of) {
  TensorView view = at(of);
  view.alias_of = view.name;
  view.name = name;
  view_.tensors.push_back(std::move(view));
  on_device_.push_back(on_device_.at(of));
  return view_.tensors.size() - 1;
}

void StateArena::allocate(const DeviceAllocate& device) {
  uint64_t host_bytes = 0;
  uint64_t device_bytes = 0;
  for (size_t i = 0; i < view_.tensors.size(); ++i) {
    const TensorView& tensor = view_.tensors[i];
    if (tensor.alias_of) continue;
    (device && on_device_[i] ? device_bytes : host_bytes) += padded_bytes(tensor.bytes);
  }
  const uint64_t region = (host_bytes + kRegionAlign) / kRegionAlign * kRegionAlign;
  host_.reset(static_cast<std::byte*>(std::aligned_alloc(kRegionAlign, region)));
  if (!host_) throw std::bad_alloc();
  std::memset(host_.get(), 0, region);
  std::byte* host_next = host_.get();
  std::byte* device_next = device_bytes > 0 ? device(device_bytes) : nullptr;
  for (size_t i = 0; i < view_.tensors.size(); ++i) {
    TensorView& tensor = view_.tensors[i];
    if (tensor.alias_of) {
      const TensorView* const original = view_.find(*tensor.alias_of);
      tensor.data = original->data;
      tensor.memory = original->memory;
      continue;
    }
    const bool there = device && on_device_[i];
    std::byte*& next = there ? device_next : host_next;
    tensor.data = next;
    tensor.memory = there ? MemoryKind::kCuda : MemoryKind::kHost;
    next += padded_bytes(tensor.bytes);
  }
}

}  // namespace ckptbench
