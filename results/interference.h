// What a row's interference is against its floor: the slower steps where something that knows no
// checkpoints writes the same files. Pure functions.
#pragma once

#include "results/result_rows.h"

namespace ckptbench {

enum class InterferenceKind {
  kUnknown,       // not measured
  kAbove,         // surely above its floor, by more than the shares that need a cause
  kLittleAbove,   // surely above its floor, by less
  kAsFloor,       // not surely above 0, and surely by less than those shares
  kBelow,         // surely below its floor
  kUndetermined,  // the interval of the difference is too wide to say, or there is none
  kLargeAlone,    // no floor was measured; surely above 0, and above the shares
  kSmallAlone,    // no floor was measured, and nothing that needs a cause
};

struct Interference {
  InterferenceKind kind = InterferenceKind::kUnknown;
  // What decided: interference minus floor, whose pairs share their plain window; or, where
  // within_windows, after_save_ns without the gate minus after_floor_ns. Unknown without a floor.
  Estimate excess;
  bool large = false;  // its own median is above the shares that need a cause
  // Interference minus floor left it undetermined, and the steps within each window did not: the
  // drift between windows is not in them.
  bool within_windows = false;
  bool needs_cause() const {
    return kind == InterferenceKind::kAbove || kind == InterferenceKind::kLargeAlone;
  }
};
Interference interference_of(const ResultRow& row);

}  // namespace ckptbench
