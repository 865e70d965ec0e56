// What saves cost in bytes that stay: retained, and memory beyond what training alone takes.
// Watched over a few saves of their own, from beside; no times are taken here. Borrows the rig. The
// training thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/measure/measure_rig.h"
#include "harness/measure/memory_watch.h"

namespace ckptbench {

class Accounting {
 public:
  // Before the strategy is opened, but with its code loaded: takes the levels of memory over a few
  // steps, and of the folder, that count as none. Throws ExitError.
  explicit Accounting(MeasureRig& rig);

  // Adds samples to the rig and how they were taken to `observed`. Throws StrategyBroken,
  // ExitError.
  void run(nlohmann::json& observed);

 private:
  void save();
  void add_memory(const MemoryPeaks& peaks, nlohmann::json& observed);

  MeasureRig& rig_;
  MemoryPeaks level_;      // of training without saves
  uint64_t tensor_level_;  // likewise, of tensors on the GPU
  uint64_t empty_bytes_;   // of the folder itself
};

}  // namespace ckptbench
