// What saves cost in bytes: written, retained, and memory beyond what training alone takes. Watched
// over a few saves of their own, from beside; no times are taken here but, with a GPU, the block of
// a save that finds the GPU idle. Borrows the rig. The training thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/measure/measure_rig.h"

namespace ckptbench {

class Accounting {
 public:
  // Before the strategy is opened: takes the levels of memory and of the folder that count as none.
  // Throws ExitError.
  explicit Accounting(MeasureRig& rig);

  // Adds samples to the rig and how they were taken to `observed`. Throws StrategyBroken,
  // ExitError.
  void run(nlohmann::json& observed);

 private:
  void save();

  MeasureRig& rig_;
  uint64_t level_bytes_;         // PSS
  uint64_t device_level_bytes_;  // on the GPU; 0 without one
  uint64_t empty_bytes_;         // of the folder itself
};

}  // namespace ckptbench
