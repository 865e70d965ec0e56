#include "harness/measure/pilot_saves.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "harness/measure/write_cycle.h"
#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

struct PilotTimes {
  int64_t persist_ns = 0;
  int64_t block_ns = 0;
  int64_t save_ns = 0;  // until nothing of it waits for the disk
};

struct Watched {
  std::vector<Written> written;
  std::vector<PilotTimes> times;  // of the same saves
};

PilotTimes times_of_newest(const MeasureRig& rig, int64_t save_ns) {
  const SaveSlot& slot = rig.newest();
  return {.persist_ns = rig.persist_ns(rig.log.size() - 1).value_or(0),
          .block_ns = slot.returned_ns - slot.requested_ns,
          .save_ns = save_ns};
}

int64_t mean_of_times(std::span<const PilotTimes> times, int64_t PilotTimes::*part) {
  const int64_t sum =
      std::accumulate(times.begin(), times.end(), int64_t{0},
                      [&](int64_t before, const PilotTimes& each) { return before + each.*part; });
  return sum / static_cast<int64_t>(times.size());
}

// The last of `sets` belongs to the newest of `slots` slots.
std::vector<Written> sets_by_slot(std::vector<Written> sets, uint64_t slots) {
  const auto shift = static_cast<ptrdiff_t>(slots % sets.size());
  std::ranges::rotate(sets, sets.end() - shift);
  return sets;
}

}  // namespace

WatchedSave watched_save(MeasureRig& rig) {
  rig.runner->step(false);
  rig.device.synchronize_training();
  WatchedSave save;
  const FolderScan before = rig.folder.scan();
  rig.saver->before_retention([&] { save.written = written_between(before, rig.folder.scan()); });
  const int64_t begin_ns = now_ns();
  rig.runner->save_now();
  rig.runner->settle();
  save.save_ns = now_ns() - begin_ns;
  rig.saver->before_retention([] {});
  return save;
}

namespace {

Watched watch(MeasureRig& rig, const Written& first, int64_t limit_ns) {
  Watched all;
  const int64_t end_ns = now_ns() + limit_ns;
  do {
    const WatchedSave save = watched_save(rig);
    all.written.push_back(save.written);
    all.times.push_back(times_of_newest(rig, save.save_ns + rig.folder.sync()));
  } while (!watched_enough(first, all.written) &&
           (all.written.size() < kFewestWatched || now_ns() < end_ns));
  return all;
}

}  // namespace

PilotSaves watch_saves(MeasureRig& rig, const Written& first, int64_t limit_ns, Pilot& pilot) {
  const Watched all = watch(rig, first, limit_ns);
  PilotSaves saves{.watched = all.written.size(), .cycle = cycle_of(all.written)};
  const auto kept = static_cast<ptrdiff_t>(saves.cycle > 0 ? saves.cycle : saves.watched);
  rig.write_sets = sets_by_slot({all.written.end() - kept, all.written.end()}, rig.log.size());
  const std::span<const PilotTimes> times(all.times.end() - kept, all.times.end());
  saves.in_save = std::ranges::all_of(
      times, [](const PilotTimes& each) { return each.persist_ns <= each.block_ns; });
  pilot.persist_ns = mean_of_times(times, &PilotTimes::persist_ns);
  pilot.block_ns = mean_of_times(times, &PilotTimes::block_ns);
  pilot.save_ns = mean_of_times(times, &PilotTimes::save_ns);
  pilot.cycle_saves = std::max<uint64_t>(1, saves.cycle);
  return saves;
}

}  // namespace ckptbench
