// The same device, counting the host memory that a strategy holds: pinned where CUDA. Borrows the
// real one. Any thread, as Device.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/platform/device.h"

namespace ckptbench {

class CountingDevice : public Device {
 public:
  explicit CountingDevice(Device& device) : device_(device) {}

  std::string name() const override { return device_.name(); }
  Result<std::unique_ptr<HostBuffer>> allocate_host(uint64_t bytes) override;
  std::unique_ptr<CopyStream> make_stream() override { return device_.make_stream(); }
  void synchronize_training() override { device_.synchronize_training(); }
  std::optional<uint64_t> memory_used() override { return device_.memory_used(); }
  std::unique_ptr<Timeline> make_timeline() override { return device_.make_timeline(); }
  Result<std::unique_ptr<DeviceBuffer>> allocate_device(uint64_t bytes) override {
    return device_.allocate_device(bytes);
  }
  std::vector<MemoryDigest> digest(const std::vector<MemoryRange>& ranges) override {
    return device_.digest(ranges);
  }

  // Largest sum of bytes allocated and not yet freed.
  uint64_t peak_host_bytes() const { return peak_.load(); }

 private:
  class Counted;
  void add(uint64_t bytes);

  Device& device_;
  std::atomic<uint64_t> held_{0};
  std::atomic<uint64_t> peak_{0};
};

}  // namespace ckptbench
