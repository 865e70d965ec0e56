#include "harness/measure/counting_device.h"

namespace ckptbench {

class CountingDevice::Counted : public HostBuffer {
 public:
  Counted(std::unique_ptr<HostBuffer> buffer, std::atomic<uint64_t>& held)
      : buffer_(std::move(buffer)), held_(held) {}
  ~Counted() override { held_.fetch_sub(buffer_->bytes()); }
  std::byte* data() override { return buffer_->data(); }
  uint64_t bytes() const override { return buffer_->bytes(); }

 private:
  std::unique_ptr<HostBuffer> buffer_;
  std::atomic<uint64_t>& held_;
};

void CountingDevice::add(uint64_t bytes) {
  const uint64_t held = held_.fetch_add(bytes) + bytes;
  uint64_t peak = peak_.load();
  while (held > peak && !peak_.compare_exchange_weak(peak, held)) {
  }
}

Result<std::unique_ptr<HostBuffer>> CountingDevice::allocate_host(uint64_t bytes) {
  auto buffer = device_.allocate_host(bytes);
  if (!buffer) return buffer.error();
  add(buffer.value()->bytes());
  return std::unique_ptr<HostBuffer>(std::make_unique<Counted>(std::move(buffer).value(), held_));
}

}  // namespace ckptbench
