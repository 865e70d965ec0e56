#include "harness/measure/accounting.h"

#include <algorithm>

#include "harness/core/json_text.h"
#include "harness/core/observed_keys.h"
#include "harness/train/torch_runtime.h"

namespace ckptbench {
namespace {

constexpr uint64_t kAccountedSaves = 3;
constexpr uint64_t kLevelSteps = 3;

double above(uint64_t bytes, uint64_t level) {
  return static_cast<double>(bytes - std::min(bytes, level));
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
      level_(training_alone(rig)),
      tensor_level_(peak_tensor_bytes(rig)),
      empty_bytes_(rig.folder.bytes()) {}

void Accounting::save() {
  rig_.runner->step(false);
  rig_.runner->save_now();
  rig_.runner->step(false);
  rig_.runner->settle();
  rig_.add("retained_bytes", above(rig_.folder.bytes(), empty_bytes_));
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
  for (uint64_t i = 0; i < kAccountedSaves; ++i) save();
  const MemoryPeaks peaks = watch.stop();
  add_memory(peaks, observed);
  // A sample may miss every data file, so what was not seen is no evidence.
  observed["direct_io"] = peaks.direct_files > 0 ? nlohmann::json(true) : nlohmann::json(nullptr);
}

}  // namespace ckptbench
