// The saves between the first one and the measured windows: what they write and what they cost,
// from which the windows, the probes and the interference floor are sized. Plain values and free
// functions, which borrow the rig; the training thread.
#pragma once

#include <cstdint>

#include "harness/measure/measure_plan.h"
#include "harness/measure/measure_rig.h"

namespace ckptbench {

struct WatchedSave {
  Written written;
  int64_t save_ns = 0;  // request until decided, and retention
};
// One step and one save, waited for. Throws StrategyBroken, ExitError.
WatchedSave watched_save(MeasureRig& rig);

struct PilotSaves {
  uint64_t watched = 0;
  uint64_t cycle = 0;   // saves after which the sizes repeat; 0: they were not seen to
  bool in_save = true;  // each was durable when it returned
};

// Watches saves until their cycle is known, for `limit_ns` at most; three at least. Fills the rig's
// write_sets with one cycle, or with all that was watched, its samples with the bytes that the
// kernel was asked to write for each of those, and of `pilot` persist_ns, block_ns, save_ns and
// cycle_saves: means of those saves. `first`: what the first save of all wrote. Throws as
// watched_save().
PilotSaves watch_saves(MeasureRig& rig, const Written& first, int64_t limit_ns, Pilot& pilot);

}  // namespace ckptbench
