#include "harness/measure/measure_probes.h"

#include <algorithm>
#include <utility>

#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

constexpr size_t kShapes = 2;

template <class T>
T value_of(const Result<T>& probed) {
  if (!probed) throw ExitError(ExitCode::kHarness, "probe: " + probed.error().message);
  return probed.value();
}

}  // namespace

MeasureProbes::MeasureProbes(std::string scratch, const Written& written, bool fsync,
                             uint64_t state_bytes)
    : scratch_(std::move(scratch)),
      written_(written),
      shapes_{{.fsync = fsync}},
      state_bytes_(state_bytes) {}

void MeasureProbes::choose_shapes() {
  if (written_.bytes == 0) return;
  shapes_ = value_of(fastest_new_files(scratch_, written_.bytes, written_.files,
                                       write_shapes(shapes_.front().fsync), kShapes));
}

std::string MeasureProbes::shapes() const {
  std::string names;
  for (const ProbeOptions& shape : shapes_) {
    names += (names.empty() ? "" : "; ") + shape_name(shape);
  }
  return written_.bytes == 0 ? "" : names;
}

WriteTimes MeasureProbes::probe_disk() const {
  WriteTimes least = value_of(probe_writes(scratch_, written_.bytes, written_.files, shapes_[0]));
  for (size_t i = 1; i < shapes_.size(); ++i) {
    const WriteTimes times =
        value_of(probe_writes(scratch_, written_.bytes, written_.files, shapes_[i]));
    least.new_file_ns = std::min(least.new_file_ns, times.new_file_ns);
    least.overwrite_ns = std::min(least.overwrite_ns, times.overwrite_ns);
  }
  return least;
}

int64_t MeasureProbes::run(SampleMap* samples) {
  const int64_t begin_ns = now_ns();
  const auto keep = [&](const std::string& metric, double value) {
    if (samples != nullptr) (*samples)[metric].push_back(value);
  };
  if (written_.bytes > 0) {
    const WriteTimes times = probe_disk();
    keep("probe_new_file_ns", static_cast<double>(times.new_file_ns));
    keep("probe_overwrite_ns", static_cast<double>(times.overwrite_ns));
    keep("probe_bytes", static_cast<double>(written_.bytes));
  }
  keep("probe_memcpy_ns", static_cast<double>(value_of(probe_memcpy(state_bytes_))));
  return now_ns() - begin_ns;
}

}  // namespace ckptbench
