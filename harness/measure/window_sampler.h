// The heart of a measured cell: ABBA groups of windows without and with saves, each with a window
// of plain writes beside it, and what each window, pair and save is worth in samples
// (docs/metrics.md). Borrows the rig. The training thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/measure/heap_shuffle.h"
#include "harness/measure/load_watch.h"
#include "harness/measure/measure_plan.h"
#include "harness/measure/measure_rig.h"
#include "harness/measure/steady_watch.h"

namespace ckptbench {

// How much slower the steps are while a save is at work, per save: of each of the `busy_steps`
// after it, what it takes beyond the mean of the later steps of the same window. What differs from
// window to window is not in it, nor what a save does to later steps. `before_step`: of the step
// after each save, its index in `step_ns`. Nothing: no save, or no later step.
std::optional<double> slowed_within_ns(const std::vector<int64_t>& step_ns,
                                       const std::vector<uint64_t>& before_step,
                                       uint64_t busy_steps);

// What has happened in the windows with saves so far.
struct SavedWindows {
  uint64_t windows = 0;
  uint64_t requested_saves = 0;
  uint64_t saves = 0;           // without the skipped and the failed ones
  uint64_t saving_windows = 0;  // with one of those at least
  uint64_t short_windows = 0;   // of the saving ones: fewer than three saves or three persists

  double saves_per_window() const;  // of the saving ones, the mean; 0: there are none
  // For a reader; empty: every window saves, and spans three persists.
  std::string shortfall() const;
};

// Whether a window with these saves has three, and takes at least three times as long as each of
// them until it is durable, on average.
bool spans_three_persists(int64_t wall_ns, const std::vector<double>& persists_ns);

class WindowSampler {
 public:
  static constexpr int64_t kProbesPerGroup = 2;
  // Steps after a save that have samples of their own; later ones count in the interference only.
  static constexpr uint64_t kMaxLag = 32;

  // REQUIRES: rig.open() was called; plan.saves > 0.
  WindowSampler(MeasureRig& rig, const WindowPlan& plan);

  // Before the first group, and in no figure. A plain write and the steps after it, as what a
  // process writes first may cost more; then plain steps, as long as `watch` asks for, once nothing
  // waits for the disk. Throws as group().
  void warm_up(SteadyWatch& watch, PlainWriter* writer);
  // One group, with the probes after each of its pairs. `writer`: nullptr where a save writes
  // nothing. Throws StrategyBroken, ExitError(kHarness).
  void group(MeasureProbes& probes, PlainWriter* writer);
  // What others used of the machine while the windows ran.
  const LoadWatch& load() const { return load_; }
  const SavedWindows& saved() const { return saved_; }

 private:
  struct Pair {
    WindowTimes plain;
    WindowTimes saving;
    WindowTimes written;  // empty without a writer
  };
  void align();
  void write_plainly(PlainWriter& writer);
  // On another heap layout than the window before, after the steps before it that the plan has,
  // with their save or plain write where the window has those.
  WindowTimes run_window(AtSaves at_saves, PlainWriter* writer = nullptr);
  WindowTimes plain_window();
  WindowTimes saving_window();
  // `first`: slot of the first of the saves that the writes stand for, that before the window
  // included.
  WindowTimes written_window(PlainWriter* writer, uint64_t first);
  // Neither skipped nor failed: a save that ends early must not lower what one costs.
  bool did_its_work(uint64_t slot) const;
  uint64_t saves_in(const WindowTimes& times) const;
  // Saves before the window, of which no time is taken, that did their work.
  uint64_t leading_saves(const WindowTimes& times) const;
  void add_saves(const WindowTimes& times);
  void add_phases(double saves);
  void add_pair(const Pair& pair);
  void add_floor(const Pair& pair);
  void add_lags(const WindowTimes& plain, const WindowTimes& saving);

  MeasureRig& rig_;
  const WindowPlan& plan_;
  LoadWatch load_;
  HeapShuffle heap_;
  SavedWindows saved_;
};

}  // namespace ckptbench
