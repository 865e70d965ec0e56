#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "harness/platform/clock.h"
#include "harness/platform/device.h"

namespace ckptbench {
namespace {

// mmap gives page alignment and takes MADV_HUGEPAGE; the buffer is faulted in here, once.
class MappedBuffer : public HostBuffer {
 public:
  MappedBuffer(std::byte* data, uint64_t bytes, uint64_t mapped)
      : data_(data), bytes_(bytes), mapped_(mapped) {}
  ~MappedBuffer() override { munmap(data_, mapped_); }
  MappedBuffer(const MappedBuffer&) = delete;
  MappedBuffer& operator=(const MappedBuffer&) = delete;

  std::byte* data() override { return data_; }
  uint64_t bytes() const override { return bytes_; }

 private:
  std::byte* data_;
  uint64_t bytes_;
  uint64_t mapped_;
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
    constexpr uint64_t kHugePage = 2 << 20;
    constexpr uint64_t kPage = 4096;
    const uint64_t unit = bytes >= kHugePage ? kHugePage : kPage;
    const uint64_t mapped = bytes == 0 ? unit : (bytes + unit - 1) / unit * unit;
    if (mapped < bytes) return Error{fmt::format("host buffer of {} bytes: too large", bytes)};
    void* memory =
        mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      return Error{fmt::format("host buffer of {} bytes: {}", bytes, std::strerror(errno))};
    }
    // Advice only: a kernel without huge pages refuses it and everything works as before.
    if (unit == kHugePage) madvise(memory, mapped, MADV_HUGEPAGE);
    std::memset(memory, 0, mapped);
    return std::unique_ptr<HostBuffer>(
        std::make_unique<MappedBuffer>(static_cast<std::byte*>(memory), bytes, mapped));
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

std::unique_ptr<Device> make_cpu_device() {
  return std::make_unique<CpuDevice>();
}

}  // namespace ckptbench
