#include "harness/measure/accounting.h"

#include <unistd.h>

#include <algorithm>

#include "harness/core/json_text.h"
#include "harness/measure/memory_watch.h"

namespace ckptbench {
namespace {

constexpr uint64_t kAccountedSaves = 3;

uint64_t pss_now() {
  const auto bytes = tree_pss_bytes(::getpid());
  if (!bytes) throw ExitError(ExitCode::kEnvironment, bytes.error().message);
  return bytes.value();
}

}  // namespace

Accounting::Accounting(MeasureRig& rig)
    : rig_(rig),
      level_bytes_(pss_now()),
      device_level_bytes_(rig.device.memory_used().value_or(0)),
      empty_bytes_(rig.folder.bytes()) {}

void Accounting::save() {
  rig_.runner->step(false);
  rig_.device.synchronize();
  const FolderScan before = rig_.folder.scan();
  rig_.saver->before_retention([&] {
    rig_.add("written_bytes",
             static_cast<double>(written_between(before, rig_.folder.scan()).bytes));
  });
  rig_.runner->save_now();
  const SaveSlot& slot = rig_.newest();
  if (rig_.has_gpu())
    rig_.add("block_ns", static_cast<double>(slot.returned_ns - slot.requested_ns));
  rig_.runner->step(false);
  rig_.runner->settle();
  rig_.saver->before_retention([] {});
  const uint64_t retained = rig_.folder.bytes();
  rig_.add("retained_bytes", static_cast<double>(retained - std::min(retained, empty_bytes_)));
}

void Accounting::run(nlohmann::json& observed) {
  MemoryWatch watch(rig_.folder.path(), rig_.device);
  for (uint64_t i = 0; i < kAccountedSaves; ++i) save();
  watch.stop();
  const uint64_t peak = watch.peak_bytes();
  rig_.add("peak_extra_host_bytes",
           peak > level_bytes_ ? static_cast<double>(peak - level_bytes_) : 0.0);
  if (rig_.has_gpu()) {
    rig_.add("peak_extra_pinned_bytes", static_cast<double>(rig_.device.peak_host_bytes()));
    const uint64_t on_device = watch.peak_device_bytes();
    rig_.add("peak_extra_gpu_bytes",
             static_cast<double>(on_device - std::min(on_device, device_level_bytes_)));
  }
  observed["memory_samples"] = watch.samples();
  observed["direct_io"] = watch.open_files_seen() == 0
                              ? nlohmann::json(nullptr)
                              : nlohmann::json(watch.direct_files_seen() > 0);
}

}  // namespace ckptbench
