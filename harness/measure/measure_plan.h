// How long the measured windows are, and how many: decided once, from what the first saves cost.
// Pure function over plain values.
#pragma once

#include <cstdint>
#include <string>

#include "harness/core/cell.h"

namespace ckptbench {

struct Pilot {
  int64_t step_ns = 0;       // one step without a save
  int64_t persist_ns = 0;    // one save, request to durable
  int64_t block_ns = 0;      // of that, inside Strategy::save
  int64_t save_ns = 0;       // what one save adds to a window: block, tail and debt
  int64_t probe_ns = 0;      // the probes of one group
  bool floor = false;        // a group has windows of plain writes too
  bool in_save = true;       // each save was durable when it returned
  uint64_t cycle_saves = 1;  // saves after which the bytes that they write repeat
  int64_t elapsed_ns = 0;    // of this process so far
};

struct WindowPlan {
  uint64_t steps = 0;   // of one window, a multiple of every_steps
  uint64_t groups = 0;  // ABBA, of two pairs each, at least
  uint64_t saves = 0;   // expected in a window with saves
  // Before each window, of which no time is taken, and after a save before a window with saves:
  // where those are not durable when they return, a window then begins as it ends, with one under
  // way. 0: none.
  uint64_t lead_steps = 0;
  // After a save, while it may still be at work: one, and the whole steps of one and a half times
  // what it lasts beyond its block.
  uint64_t busy_steps = 1;
  bool whole_cycles = true;  // of saves, in each window
  bool cut = false;          // fewer groups than asked for: the deadline allows no more
  double expected_ns = 0;    // of all groups, and of the plain write before the first one
};

// Asked for: cell.steps and cell.pairs. A window grows to three saves and three persists, and to
// whole cycles of saves where that at most doubles it. It shrinks again, down to one save, when the
// groups that make those pairs would not fit into the budget; then groups are dropped, down to one.
WindowPlan plan_windows(const Cell& cell, const Pilot& pilot);

// Empty; or why even the shortest windows take longer than the deadline, for a usage error.
std::string why_too_long(const Cell& cell, const WindowPlan& plan);

// What is left for the windows of `kWindowsShare` of the cell's deadline, ns; may be negative.
inline constexpr double kWindowsShare = 0.7;
double windows_budget_ns(const Cell& cell, const Pilot& pilot);
// Of that, what `budget_s` allows.
double row_budget_ns(const Cell& cell, const Pilot& pilot);

}  // namespace ckptbench
