// Training waits for one copy of the state into a staging area in host memory, allocated and
// faulted in once and reused. CUDA tensors are copied on a copy stream of their own, host tensors
// by a few threads meanwhile. The area has the layout of the file, so that a writer takes whole
// blocks from it without another copy.
#include <algorithm>
#include <memory>

#include "harness/platform/device.h"
#include "harness/platform/machine.h"
#include "harness/platform/thread_team.h"
#include "harness/platform/trace.h"
#include "strategies/api/stage.h"
#include "strategies/capture/capture.h"
#include "strategies/capture/copy.h"

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

bool is_copied_from_cuda(const TensorView& tensor) {
  return tensor.memory == MemoryKind::kCuda && !tensor.alias_of && tensor.bytes > 0;
}

class StagedCapture : public Capture {
 public:
  StagedCapture(Device& device, Trace& trace, uint64_t copy_threads)
      : device_(device), trace_(trace), team_(copy_threads) {}

  Result<Captured> prepare(const std::vector<TensorView>& tensors, const Layout& layout) override;
  Result<Captured> take(const std::vector<TensorView>& tensors, const Layout& layout) override;

 private:
  Status reserve(uint64_t bytes);
  Captured in_area(const std::vector<TensorView>& tensors, const Layout& layout) const;
  // Whether there was anything to copy.
  bool submit_cuda(const std::vector<TensorView>& tensors, const Layout& layout);
  Status copy_host(const std::vector<TensorView>& tensors, const Layout& layout);

  Device& device_;
  Trace& trace_;
  ThreadTeam team_;
  std::unique_ptr<HostBuffer> area_;
  std::unique_ptr<CopyStream> stream_;
};

Status StagedCapture::reserve(uint64_t bytes) {
  if (area_ && area_->bytes() >= bytes) return {};
  area_.reset();
  Result<std::unique_ptr<HostBuffer>> area = device_.allocate_host(bytes);
  if (!area) return area.error();
  area_ = std::move(area).value();
  return {};
}

Captured StagedCapture::in_area(const std::vector<TensorView>& tensors,
                                const Layout& layout) const {
  Captured captured{.tensors = tensors, .image = area_->data()};
  for (size_t i = 0; i < tensors.size(); ++i) {
    captured.tensors[i].data = area_->data() + layout.offsets[i];
    captured.tensors[i].memory = MemoryKind::kHost;
  }
  return captured;
}

Result<Captured> StagedCapture::prepare(const std::vector<TensorView>& tensors,
                                        const Layout& layout) {
  const Status reserved = reserve(layout.bytes);
  if (!reserved) return reserved.error();
  const bool cuda = std::any_of(tensors.begin(), tensors.end(), is_copied_from_cuda);
  if (cuda && !stream_) stream_ = device_.make_stream();
  if (layout.bytes >= kWorthSharing) team_.start(team_.size());
  return in_area(tensors, layout);
}

Result<Captured> StagedCapture::take(const std::vector<TensorView>& tensors, const Layout& layout) {
  const Status reserved = reserve(layout.bytes);
  if (!reserved) return reserved.error();
  if (submit_cuda(tensors, layout)) {
    // The copies wait for the step anyway; what is left of it is no time of copying.
    device_.synchronize_training();
  }
  const PhaseScope stage(trace_, Phase::kStage);
  const Status copied = copy_host(tensors, layout);
  if (stream_) stream_->wait();
  if (!copied) return copied.error();
  return in_area(tensors, layout);
}

bool StagedCapture::submit_cuda(const std::vector<TensorView>& tensors, const Layout& layout) {
  bool waited = false;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const TensorView& tensor = tensors[i];
    if (!is_copied_from_cuda(tensor)) continue;
    if (!stream_) stream_ = device_.make_stream();
    if (!waited) stream_->wait_for_training();
    waited = true;
    stream_->to_host(area_->data() + layout.offsets[i], tensor.data, tensor.bytes);
  }
  return waited;
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

// Training waits for the copy, so no core trains meanwhile.
uint64_t copy_threads_of(const Params& params) {
  return threads_of(params, "copy_threads", usable_cores());
}

ParamText staged_threads(const Params& params) {
  return {{"copy_threads", std::to_string(copy_threads_of(params))}};
}

std::unique_ptr<Capture> make_staged(const StrategyContext& context, const Params& params) {
  return std::make_unique<StagedCapture>(context.device, context.trace, copy_threads_of(params));
}

}  // namespace

StageRow staged_stage() {
  return {
      .name = "staged",
      .summary = "training waits for a copy in host memory; a thread does the rest",
      .params = {whole_param("copy_threads", "0",
                             "threads of the staging copy; 0: as many as there are cores (16 at "
                             "most), since no core trains meanwhile",
                             0, 64)},
      .detaches = true,
      .threads = staged_threads,
      .make = MakeCapture(make_staged)};
}

}  // namespace ckptbench
