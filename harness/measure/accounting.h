// What saves cost in bytes that stay: retained, and memory beyond what training alone takes; and
// what the strategy was seen to work with: threads, processes, the page cache or not. Watched over
// a few saves of their own, from beside; no times are taken here. Borrows the rig. The training
// thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/measure/measure_rig.h"
#include "harness/measure/memory_watch.h"

namespace ckptbench {

class Accounting {
 public:
  // Before the strategy is opened, but with its code loaded: takes the levels of threads, of
  // processes, of memory over a few steps, and of the folder, that count as none. Throws ExitError.
  explicit Accounting(MeasureRig& rig);

  // Adds samples to the rig and how they were taken to `observed`. Throws StrategyBroken,
  // ExitError.
  void run(nlohmann::json& observed);

 private:
  void save();
  // REQUIRES: beside a MemoryWatch.
  void add_helpers(nlohmann::json& observed) const;
  void add_memory(const MemoryPeaks& peaks, nlohmann::json& observed);
  void add_direct_io(const MemoryPeaks& peaks, nlohmann::json& observed) const;

  MeasureRig& rig_;
  uint64_t thread_level_;   // of this process
  uint64_t process_level_;  // this one and those below it
  MemoryPeaks level_;       // of training without saves
  uint64_t tensor_level_;   // likewise, of tensors on the GPU
  uint64_t empty_bytes_;    // of the folder itself
};

}  // namespace ckptbench
