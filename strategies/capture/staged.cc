#include "strategies/capture/staged.h"

#include <algorithm>

#include "harness/platform/trace.h"
#include "strategies/capture/stream_copy.h"

namespace ckptbench {
namespace {

// Small enough to share out evenly, large enough that handing one out costs nothing.
constexpr uint64_t kSliceBytes = 16ULL << 20;
// Below this, waking another thread takes longer than the copy.
constexpr uint64_t kWorthSharing = 4ULL << 20;

struct Slice {
  size_t tensor;
  uint64_t begin;
  uint64_t bytes;
};

}  // namespace

Status StagedCapture::reserve(uint64_t bytes) {
  if (area_ && area_->bytes() >= bytes) return {};
  area_.reset();
  Result<std::unique_ptr<HostBuffer>> area = device_.allocate_host(bytes);
  if (!area) return area.error();
  area_ = std::move(area).value();
  return {};
}

Result<Captured> StagedCapture::take(const std::vector<TensorView>& tensors, const Layout& layout) {
  const Status reserved = reserve(layout.bytes);
  if (!reserved) return reserved.error();
  const PhaseScope stage(trace_, Phase::kStage);
  copy_cuda(tensors, layout);
  const Status copied = copy_host(tensors, layout);
  if (stream_) stream_->wait();
  if (!copied) return copied.error();
  Captured captured{.tensors = tensors, .image = area_->data()};
  for (size_t i = 0; i < tensors.size(); ++i) {
    captured.tensors[i].data = area_->data() + layout.offsets[i];
    captured.tensors[i].memory = MemoryKind::kHost;
  }
  return captured;
}

void StagedCapture::copy_cuda(const std::vector<TensorView>& tensors, const Layout& layout) {
  bool waited = false;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const TensorView& tensor = tensors[i];
    if (tensor.memory != MemoryKind::kCuda || tensor.alias_of || tensor.bytes == 0) continue;
    if (!stream_) stream_ = device_.make_stream();
    if (!waited) stream_->wait_for_training();
    waited = true;
    stream_->to_host(area_->data() + layout.offsets[i], tensor.data, tensor.bytes);
  }
}

Status StagedCapture::copy_host(const std::vector<TensorView>& tensors, const Layout& layout) {
  std::vector<Slice> slices;
  uint64_t total = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const TensorView& tensor = tensors[i];
    if (tensor.memory == MemoryKind::kCuda || tensor.alias_of) continue;
    for (uint64_t begin = 0; begin < tensor.bytes; begin += kSliceBytes) {
      slices.push_back({i, begin, std::min(kSliceBytes, tensor.bytes - begin)});
    }
    total += tensor.bytes;
  }
  const auto copy = [&](uint64_t item, uint64_t) -> Status {
    const Slice& slice = slices[item];
    stream_copy(area_->data() + layout.offsets[slice.tensor] + slice.begin,
                tensors[slice.tensor].data + slice.begin, slice.bytes);
    return {};
  };
  if (total >= kWorthSharing) return team_.run(slices.size(), copy);
  for (uint64_t item = 0; item < slices.size(); ++item) static_cast<void>(copy(item, 0));
  return {};
}

}  // namespace ckptbench
