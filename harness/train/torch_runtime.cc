#include "harness/train/torch_runtime.h"

#include <ATen/Parallel.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/headeronly/version.h>

namespace ckptbench {

std::string torch_version() {
  return TORCH_VERSION;
}

void* current_cuda_stream(int device_index) {
  const c10::impl::VirtualGuardImpl cuda(c10::DeviceType::CUDA);
  const auto index = static_cast<c10::DeviceIndex>(device_index);
  return cuda.getStream(c10::Device(c10::DeviceType::CUDA, index)).native_handle();
}

uint64_t take_peak_tensor_bytes(int device_index) {
  const auto index = static_cast<c10::DeviceIndex>(device_index);
  c10::DeviceAllocator& allocator = *c10::getDeviceAllocator(c10::DeviceType::CUDA);
  constexpr auto kAllPools = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  const int64_t peak = allocator.getDeviceStats(index).allocated_bytes[kAllPools].peak;
  allocator.resetPeakStats(index);
  return static_cast<uint64_t>(peak);
}

uint64_t set_torch_threads(uint64_t threads) {
  at::set_num_threads(static_cast<int>(threads));
  return static_cast<uint64_t>(at::get_num_threads());
}

}  // namespace ckptbench
