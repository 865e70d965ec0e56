#include "harness/measure/accounting.h"

#include <unistd.h>

#include <algorithm>
#include <optional>

#include "harness/core/json_text.h"
#include "harness/core/observed_keys.h"
#include "harness/measure/watched_saves.h"
#include "harness/platform/proc.h"
#include "harness/train/torch_runtime.h"

namespace ckptbench {
namespace {

constexpr uint64_t kAccountedSaves = 3;
constexpr uint64_t kLevelSteps = 3;
constexpr uint64_t kWatchThreads = 1;  // a MemoryWatch's own

uint64_t count_above(uint64_t count, uint64_t level) {
  return count - std::min(count, level);
}

double above(uint64_t bytes, uint64_t level) {
  return static_cast<double>(count_above(bytes, level));
}

uint64_t own_threads() {
  return threads_of(::getpid()).size();
}

uint64_t own_processes() {
  return process_tree(::getpid()).size();
}

// Of the first GPU, on which cells train, since the last call.
uint64_t peak_tensor_bytes(const MeasureRig& rig) {
  return rig.has_gpu() ? take_peak_tensor_bytes(0) : 0;
}

MemoryPeaks training_alone(MeasureRig& rig) {
  peak_tensor_bytes(rig);
  MemoryWatch watch(rig.folder.path(), rig.device);
  rig.train_plain(kLevelSteps);
  return watch.stop();
}

}  // namespace

Accounting::Accounting(MeasureRig& rig)
    : rig_(rig),
      thread_level_(own_threads()),
      process_level_(own_processes()),
      level_(training_alone(rig)),
      tensor_level_(peak_tensor_bytes(rig)),
      empty_bytes_(rig.folder.bytes()) {}

void Accounting::save() {
  rig_.runner->step();
  rig_.runner->save_now();
  rig_.runner->step();
  rig_.runner->settle();
  rig_.add("retained_bytes", above(rig_.folder.bytes(), empty_bytes_));
}

// Those that stay between saves.
void Accounting::add_helpers(nlohmann::json& observed) const {
  observed["threads_added"] = count_above(own_threads(), thread_level_ + kWatchThreads);
  observed["processes_added"] = count_above(own_processes(), process_level_);
}

// A sample may miss every data file, so what it did not see is no evidence; the watched saves were
// seen whole.
void Accounting::add_direct_io(const MemoryPeaks& peaks, nlohmann::json& observed) const {
  const auto watched = WatchedSaves::beside(rig_.context.job().report_path);
  if (!watched) throw ExitError(ExitCode::kHarness, watched.error().message);
  std::optional<bool> direct = watched.value().direct();
  if (!direct && peaks.direct_files > 0) direct = true;
  observed["direct_io"] = direct ? nlohmann::json(*direct) : nlohmann::json(nullptr);
}

void Accounting::add_memory(const MemoryPeaks& peaks, nlohmann::json& observed) {
  const bool exact = level_.resident_bytes && peaks.resident_bytes;
  observed[observed::kMemoryMethod] = exact ? "VmHWM of the process" : observed::kSampledMemory;
  observed["memory_samples"] = peaks.samples;
  rig_.add("peak_extra_host_bytes", exact ? above(*peaks.resident_bytes, *level_.resident_bytes)
                                          : above(peaks.tree_bytes, level_.tree_bytes));
  rig_.add("peak_dirty_bytes", above(peaks.dirty_bytes, level_.dirty_bytes));
  if (!rig_.has_gpu()) return;
  rig_.add("peak_extra_pinned_bytes", static_cast<double>(rig_.device.peak_host_bytes()));
  rig_.add("peak_extra_gpu_bytes", above(peaks.device_bytes, level_.device_bytes));
  rig_.add("peak_extra_gpu_tensor_bytes", above(peak_tensor_bytes(rig_), tensor_level_));
}

void Accounting::run(nlohmann::json& observed) {
  peak_tensor_bytes(rig_);
  MemoryWatch watch(rig_.folder.path(), rig_.device);
  for (uint64_t i = 0; i < kAccountedSaves; ++i) {
    save();
    if (i == 0) add_helpers(observed);
  }
  const MemoryPeaks peaks = watch.stop();
  add_memory(peaks, observed);
  add_direct_io(peaks, observed);
}

}  // namespace ckptbench
