#include "harness/worker/measure_probes.h"

#include <utility>

#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

int64_t value_of(const Result<int64_t>& probed) {
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

int64_t MeasureProbes::run(SampleMap* samples) {
  const int64_t begin_ns = now_ns();
  const auto keep = [&](const std::string& metric, double value) {
    if (samples != nullptr) (*samples)[metric].push_back(value);
  };
  if (written_.bytes > 0) {
    keep("probe_new_file_ns", static_cast<double>(value_of(probe_new_file(
                                  scratch_, written_.bytes, written_.files, options_))));
    keep("probe_bytes", static_cast<double>(written_.bytes));
  }
  keep("probe_memcpy_ns", static_cast<double>(value_of(probe_memcpy(state_bytes_))));
  return now_ns() - begin_ns;
}

}  // namespace ckptbench
