#include "harness/measure/device_probe.h"

#include <algorithm>
#include <limits>

#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

constexpr uint64_t kMostBytes = 256ULL << 20;
constexpr int kRepetitions = 3;

template <class Copy>
int64_t fastest(CopyStream& stream, Copy copy) {
  int64_t least_ns = std::numeric_limits<int64_t>::max();
  for (int i = 0; i <= kRepetitions; ++i) {
    const int64_t begin_ns = now_ns();
    copy();
    stream.wait();
    if (i > 0) least_ns = std::min(least_ns, now_ns() - begin_ns);
  }
  return least_ns;
}

}  // namespace

Result<DeviceLimits> probe_device(Device& device, uint64_t state_bytes) {
  DeviceLimits limits{.bytes = std::clamp<uint64_t>(state_bytes, 1, kMostBytes)};
  const uint64_t bytes = limits.bytes;
  const auto from = device.allocate_device(bytes);
  if (!from) return from.error();
  const auto to = device.allocate_device(bytes);
  if (!to) return to.error();
  std::byte* const source = from.value()->data();
  std::byte* const target = to.value()->data();
  const int64_t begin_ns = now_ns();
  const auto pinned = device.allocate_host(bytes);
  limits.pin_ns = now_ns() - begin_ns;
  if (!pinned) return pinned.error();
  std::byte* const host = pinned.value()->data();
  const auto stream = device.make_stream();
  stream->wait_for_training();
  limits.to_host_ns = fastest(*stream, [&] { stream->to_host(host, source, bytes); });
  limits.to_device_ns = fastest(*stream, [&] { stream->to_device(source, host, bytes); });
  limits.within_device_ns = fastest(*stream, [&] { stream->to_device(target, source, bytes); });
  return limits;
}

}  // namespace ckptbench
