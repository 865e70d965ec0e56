#include "harness/measure/measure_probes.h"

#include <algorithm>
#include <utility>

#include "harness/measure/device_probe.h"
#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

constexpr size_t kShapes = 2;
constexpr uint64_t kMostTriedBytes = 256'000'000;

template <class T>
T value_of(const Result<T>& probed) {
  if (!probed) throw ExitError(ExitCode::kHarness, "probe: " + probed.error().message);
  return probed.value();
}

}  // namespace

MeasureProbes::MeasureProbes(std::string scratch, PlainSave save, uint64_t disk_bytes,
                             uint64_t saved_bytes, Device* gpu)
    : scratch_(std::move(scratch)),
      save_(std::move(save)),
      disk_bytes_(disk_bytes),
      shapes_(1),
      saved_bytes_(saved_bytes),
      gpu_(gpu) {}

void MeasureProbes::choose_shapes() {
  if (disk_bytes_ == 0) return;
  // Each shape is tried once: of a large state a part is enough to tell them apart.
  PlainSave part = save_;
  const double share = static_cast<double>(kMostTriedBytes) / static_cast<double>(disk_bytes_);
  for (uint64_t& size : part.sequence.sizes) {
    if (share < 1) size = static_cast<uint64_t>(static_cast<double>(size) * share);
  }
  shapes_ = value_of(fastest_new_files(scratch_, part, write_shapes(), kShapes));
}

std::string MeasureProbes::shapes() const {
  std::string names;
  for (const ProbeOptions& shape : shapes_) {
    names += (names.empty() ? "" : "; ") + shape_name(shape) + (save_.in_place ? ", in place" : "");
  }
  return disk_bytes_ == 0 ? "" : names;
}

WriteTimes MeasureProbes::probe_disk() const {
  WriteTimes least = value_of(probe_writes(scratch_, save_, shapes_[0]));
  for (size_t i = 1; i < shapes_.size(); ++i) {
    const WriteTimes times = value_of(probe_writes(scratch_, save_, shapes_[i]));
    least.new_file_ns = std::min(least.new_file_ns, times.new_file_ns);
    least.overwrite_ns = std::min(least.overwrite_ns, times.overwrite_ns);
  }
  return least;
}

void MeasureProbes::keep_device(const Keep& keep) const {
  const DeviceLimits limits = value_of(probe_device(*gpu_, saved_bytes_));
  keep("probe_pin_ns", static_cast<double>(limits.pin_ns));
  keep("probe_to_host_ns", static_cast<double>(limits.to_host_ns));
  keep("probe_to_device_ns", static_cast<double>(limits.to_device_ns));
  keep("probe_within_device_ns", static_cast<double>(limits.within_device_ns));
  keep("probe_device_bytes", static_cast<double>(limits.bytes));
}

int64_t MeasureProbes::run(SampleMap* samples) {
  const int64_t begin_ns = now_ns();
  const Keep keep = [&](const std::string& metric, double value) {
    if (samples != nullptr) (*samples)[metric].push_back(value);
  };
  if (disk_bytes_ > 0) {
    const WriteTimes times = probe_disk();
    keep("probe_new_file_ns", static_cast<double>(times.new_file_ns));
    keep("probe_overwrite_ns", static_cast<double>(times.overwrite_ns));
    keep("probe_bytes", static_cast<double>(disk_bytes_));
  }
  keep("probe_memcpy_ns", static_cast<double>(value_of(probe_memcpy(saved_bytes_))));
  if (gpu_ != nullptr) keep_device(keep);
  return now_ns() - begin_ns;
}

}  // namespace ckptbench
