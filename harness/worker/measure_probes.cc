#include "harness/worker/measure_probes.h"

#include <utility>

#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

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
      options_{.fsync = fsync},
      state_bytes_(state_bytes) {}

void MeasureProbes::choose_shape() {
  if (written_.bytes == 0) return;
  options_ = value_of(
      fastest_new_file(scratch_, written_.bytes, written_.files, write_shapes(options_.fsync)));
}

std::string MeasureProbes::shape() const {
  return written_.bytes == 0 ? "" : shape_name(options_);
}

int64_t MeasureProbes::run(SampleMap* samples) {
  const int64_t begin_ns = now_ns();
  const auto keep = [&](const std::string& metric, double value) {
    if (samples != nullptr) (*samples)[metric].push_back(value);
  };
  if (written_.bytes > 0) {
    const WriteTimes times =
        value_of(probe_writes(scratch_, written_.bytes, written_.files, options_));
    keep("probe_new_file_ns", static_cast<double>(times.new_file_ns));
    keep("probe_overwrite_ns", static_cast<double>(times.overwrite_ns));
    keep("probe_bytes", static_cast<double>(written_.bytes));
  }
  keep("probe_memcpy_ns", static_cast<double>(value_of(probe_memcpy(state_bytes_))));
  return now_ns() - begin_ns;
}

}  // namespace ckptbench
