#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "harness/platform/aligned_bytes.h"
#include "harness/platform/clock.h"
#include "harness/platform/device.h"

namespace ckptbench {
namespace {

// Faulted in here, once.
class AlignedBuffer : public HostBuffer {
 public:
  AlignedBuffer(AlignedBytes memory, uint64_t bytes) : memory_(std::move(memory)), bytes_(bytes) {
    std::memset(memory_.get(), 0, bytes_);
  }
  std::byte* data() override { return memory_.get(); }
  uint64_t bytes() const override { return bytes_; }

 private:
  AlignedBytes memory_;
  uint64_t bytes_;
};

class CpuStream : public CopyStream {
 public:
  void wait_for_training() override {}
  void to_host(std::byte* to, const std::byte* from, uint64_t bytes) override {
    if (bytes > 0) std::memcpy(to, from, bytes);
  }
  void to_device(std::byte* to, const std::byte* from, uint64_t bytes) override {
    if (bytes > 0) std::memcpy(to, from, bytes);
  }
  void wait() override {}
};

class ClockTimeline : public Timeline {
 public:
  void reset(size_t points) override {
    points_ns_.clear();
    points_ns_.reserve(points);
  }
  void mark() override { points_ns_.push_back(now_ns()); }
  std::vector<int64_t> gaps_ns() override {
    std::vector<int64_t> gaps;
    for (size_t i = 1; i < points_ns_.size(); ++i) {
      gaps.push_back(points_ns_[i] - points_ns_[i - 1]);
    }
    return gaps;
  }

 private:
  std::vector<int64_t> points_ns_;
};

class HostAsDevice : public DeviceBuffer {
 public:
  explicit HostAsDevice(std::unique_ptr<HostBuffer> buffer) : buffer_(std::move(buffer)) {}
  std::byte* data() override { return buffer_->data(); }

 private:
  std::unique_ptr<HostBuffer> buffer_;
};

class CpuDevice : public Device {
 public:
  std::string name() const override { return "cpu"; }

  Result<std::unique_ptr<HostBuffer>> allocate_host(uint64_t bytes) override {
    AlignedBytes memory = allocate_aligned(bytes);
    if (!memory) {
      return Error{fmt::format("host buffer of {} bytes: {}", bytes, std::strerror(errno))};
    }
    return std::unique_ptr<HostBuffer>(std::make_unique<AlignedBuffer>(std::move(memory), bytes));
  }

  std::unique_ptr<CopyStream> make_stream() override { return std::make_unique<CpuStream>(); }
  void synchronize_training() override {}
  std::optional<uint64_t> memory_used() override { return std::nullopt; }
};

}  // namespace

std::unique_ptr<Timeline> Device::make_timeline() {
  return std::make_unique<ClockTimeline>();
}

Result<std::unique_ptr<DeviceBuffer>> Device::allocate_device(uint64_t bytes) {
  auto buffer = allocate_host(bytes);
  if (!buffer) return buffer.error();
  return std::unique_ptr<DeviceBuffer>(std::make_unique<HostAsDevice>(std::move(buffer).value()));
}

std::vector<MemoryDigest> Device::digest(const std::vector<MemoryRange>& ranges) {
  std::vector<MemoryDigest> digests;
  for (const MemoryRange& range : ranges) digests.push_back(digest_memory(range));
  return digests;
}

std::unique_ptr<Device> make_cpu_device() {
  return std::make_unique<CpuDevice>();
}

}  // namespace ckptbench
