#include "harness/measure/pilot_saves.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>

#include "harness/measure/write_cycle.h"
#include "harness/platform/clock.h"
#include "harness/platform/proc.h"

namespace ckptbench {
namespace {

struct PilotTimes {
  int64_t persist_ns = 0;
  int64_t block_ns = 0;
  int64_t save_ns = 0;  // until nothing of it waits for the disk
};

struct Watched {
  std::vector<Written> written;
  std::vector<std::optional<uint64_t>> asked;  // bytes, as the kernel counts them
  std::vector<PilotTimes> times;               // of the same saves
};

PilotTimes times_of_newest(const MeasureRig& rig, int64_t save_ns) {
  const SaveSlot& slot = rig.newest();
  return {.persist_ns = rig.log.persist_ns(rig.log.size() - 1).value_or(0),
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
  rig.runner->step();
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

// Nothing where the kernel does not count, or a process left that had counted.
std::optional<uint64_t> bytes_since(const Result<uint64_t>& before) {
  const auto now = io_written_bytes();
  if (!before || !now || now.value() < before.value()) return std::nullopt;
  return now.value() - before.value();
}

Watched watch(MeasureRig& rig, const Written& first, int64_t limit_ns) {
  Watched all;
  const int64_t end_ns = now_ns() + limit_ns;
  do {
    const auto asked_before = io_written_bytes();
    const WatchedSave save = watched_save(rig);
    all.written.push_back(save.written);
    all.times.push_back(times_of_newest(rig, save.save_ns + rig.folder.sync()));
    all.asked.push_back(bytes_since(asked_before));
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
  for (const auto& bytes : std::span(all.asked.end() - kept, all.asked.end())) {
    if (bytes) rig.add("io_written_bytes", static_cast<double>(*bytes));
  }
  const std::span<const PilotTimes> times(all.times.end() - kept, all.times.end());
  saves.in_save = std::ranges::all_of(
      times, [](const PilotTimes& each) { return each.persist_ns <= each.block_ns; });
  pilot.persist_ns = mean_of_times(times, &PilotTimes::persist_ns);
  pilot.block_ns = mean_of_times(times, &PilotTimes::block_ns);
  pilot.save_ns = mean_of_times(times, &PilotTimes::save_ns);
  pilot.in_save = saves.in_save;
  pilot.cycle_saves = std::max<uint64_t>(1, saves.cycle);
  return saves;
}

}  // namespace ckptbench
