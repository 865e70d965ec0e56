#include "harness/measure/window_sampler.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "harness/platform/clock.h"
#include "harness/platform/proc.h"

namespace ckptbench {
namespace {

constexpr uint64_t kPersistsPerWindow = 3;

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Nothing where the kernel does not count it.
std::optional<double> delay_beyond(const WindowTimes& plain, const WindowTimes& other) {
  if (!plain.run_delay_ns || !other.run_delay_ns) return std::nullopt;
  return static_cast<double>(*other.run_delay_ns - *plain.run_delay_ns);
}

// Of each step, how many it comes after the newest save, from 1; 0: the window has had none yet.
std::vector<uint64_t> lags_of(size_t steps, const std::vector<uint64_t>& before_step) {
  std::vector<uint64_t> lags;
  uint64_t lag = 0;
  size_t save = 0;
  for (uint64_t i = 0; i < steps; ++i) {
    const bool first = save < before_step.size() && before_step[save] == i;
    if (first) ++save;
    lag = first ? 1 : lag + (save > 0 ? 1 : 0);
    lags.push_back(lag);
  }
  return lags;
}

std::vector<uint64_t> before_steps(const WindowTimes& saving) {
  std::vector<uint64_t> steps;
  for (const SaveTimes& save : saving.saves) steps.push_back(save.before_step);
  return steps;
}

}  // namespace

std::optional<double> slowed_within_ns(const std::vector<int64_t>& step_ns,
                                       const std::vector<uint64_t>& before_step,
                                       uint64_t busy_steps) {
  std::vector<double> busy_ns;
  std::vector<double> later_ns;
  const std::vector<uint64_t> lags = lags_of(step_ns.size(), before_step);
  for (size_t i = 0; i < lags.size(); ++i) {
    if (lags[i] == 0) continue;
    (lags[i] <= busy_steps ? busy_ns : later_ns).push_back(static_cast<double>(step_ns[i]));
  }
  if (busy_ns.empty() || later_ns.empty()) return std::nullopt;
  const double busy_per_save =
      static_cast<double>(busy_ns.size()) / static_cast<double>(before_step.size());
  return busy_per_save * (mean_of(busy_ns) - mean_of(later_ns));
}

double SavedWindows::saves_per_window() const {
  return static_cast<double>(saves) / static_cast<double>(std::max<uint64_t>(1, saving_windows));
}

std::string SavedWindows::shortfall() const {
  std::string text;
  if (saving_windows < windows) {
    text = fmt::format("{} of {} windows have no save", windows - saving_windows, windows);
  }
  if (short_windows == 0) return text;
  return fmt::format("{}{}{} of {} windows with saves span fewer than three persists", text,
                     text.empty() ? "" : "; ", short_windows, saving_windows);
}

bool spans_three_persists(int64_t wall_ns, const std::vector<double>& persists_ns) {
  return persists_ns.size() >= kPersistsPerWindow &&
         static_cast<double>(wall_ns) >= kPersistsPerWindow * mean_of(persists_ns);
}

WindowSampler::WindowSampler(MeasureRig& rig, const WindowPlan& plan)
    : rig_(rig), plan_(plan), load_(::getpid()), heap_(static_cast<uint64_t>(now_ns())) {}

// A window begins with a save, so that each of them is followed by as many steps.
void WindowSampler::align() {
  const uint64_t interval = rig_.cell().policy.every_steps;
  for (uint64_t i = 0; i < interval && !rig_.runner->save_is_due(); ++i) rig_.runner->step();
}

void WindowSampler::warm_up(SteadyWatch& watch, PlainWriter* writer) {
  if (writer != nullptr) write_plainly(*writer);
  rig_.folder.sync();
  while (const uint64_t steps = watch.next_block()) {
    watch.add(rig_.runner->run(steps, AtSaves::kNothing).wall_ns);
  }
}

// As in a window of one save; whether the policy asks for one there does not matter.
void WindowSampler::write_plainly(PlainWriter& writer) {
  align();
  writer.repeat_from(rig_.log.size());
  if (plan_.lead_steps > 0) rig_.runner->lead_in(plan_.lead_steps, AtSaves::kPlainWrite, &writer);
  rig_.runner->lead_in(plan_.steps / plan_.saves, AtSaves::kPlainWrite, &writer);
  writer.finish();
  writer.count_from_here();
}

WindowTimes WindowSampler::run_window(AtSaves at_saves, PlainWriter* writer) {
  heap_.run();
  if (plan_.lead_steps > 0) rig_.runner->lead_in(plan_.lead_steps, at_saves, writer);
  load_.begin();
  WindowTimes times = rig_.runner->run(plan_.steps, at_saves, writer);
  load_.end();
  return times;
}

WindowTimes WindowSampler::plain_window() {
  WindowTimes times = run_window(AtSaves::kNothing);
  const auto steps = static_cast<double>(plan_.steps);
  if (times.run_delay_ns) {
    rig_.add("run_delay_ns", static_cast<double>(*times.run_delay_ns) / steps);
  }
  rig_.add("step_ns", static_cast<double>(times.wall_ns) / steps);
  rig_.folder.sync();
  return times;
}

WindowTimes WindowSampler::saving_window() {
  rig_.context.trace().reset_totals();
  WindowTimes times = run_window(AtSaves::kSave);
  const int64_t debt_ns = rig_.folder.sync();
  const uint64_t saves = saves_in(times);
  ++saved_.windows;
  saved_.requested_saves += times.saves.size();
  if (saves == 0) return times;
  ++saved_.saving_windows;
  saved_.saves += saves;
  rig_.add("tail_ns", static_cast<double>(times.tail_ns));
  rig_.add("drain_ns", static_cast<double>(times.drain_ns));
  rig_.add("debt_ns", static_cast<double>(debt_ns));
  add_saves(times);
  // Phases on other threads are not told apart by saves: that before the window counts, too.
  add_phases(static_cast<double>(saves + leading_saves(times)));
  return times;
}

WindowTimes WindowSampler::written_window(PlainWriter* writer, uint64_t first) {
  if (writer == nullptr) return {};
  writer->repeat_from(first);
  WindowTimes times = run_window(AtSaves::kPlainWrite, writer);
  rig_.folder.sync();
  return times;
}

bool WindowSampler::did_its_work(uint64_t slot) const {
  for (const Saver::Decided& decided : rig_.saver->decided()) {
    if (decided.slot != slot) continue;
    return !std::holds_alternative<Skipped>(decided.outcome) &&
           !std::holds_alternative<Failed>(decided.outcome);
  }
  return true;
}

uint64_t WindowSampler::saves_in(const WindowTimes& times) const {
  uint64_t saves = 0;
  for (const SaveTimes& save : times.saves) saves += did_its_work(save.slot) ? 1 : 0;
  return saves;
}

uint64_t WindowSampler::leading_saves(const WindowTimes& times) const {
  if (plan_.lead_steps == 0 || times.saves.empty()) return 0;
  return did_its_work(times.saves.front().slot - 1) ? 1 : 0;
}

// Saves of one window are alike: an interval needs one value of each window. A mean, as the bytes
// that they write: where some write more, its time and its bytes belong together.
void WindowSampler::add_saves(const WindowTimes& times) {
  std::vector<double> persists_ns;
  std::vector<double> alone_ns;
  std::vector<double> written;
  for (const SaveTimes& save : times.saves) {
    if (!did_its_work(save.slot)) continue;
    const SaveSlot& slot = rig_.log.at(save.slot);
    if (const auto bytes = rig_.written_bytes(save.slot)) {
      written.push_back(static_cast<double>(*bytes));
    }
    rig_.add("save_block_ns", static_cast<double>(slot.returned_ns - slot.requested_ns));
    if (const auto ns = rig_.log.persist_ns(save.slot)) {
      persists_ns.push_back(static_cast<double>(*ns));
      rig_.add("save_persist_ns", persists_ns.back());
    }
    if (const auto ns = rig_.log.persist_alone_ns(save.slot)) {
      alone_ns.push_back(static_cast<double>(*ns));
    }
  }
  if (!written.empty()) rig_.add("window_written_bytes", mean_of(written));
  if (!spans_three_persists(times.wall_ns, persists_ns)) ++saved_.short_windows;
  if (!persists_ns.empty()) rig_.add("persist_ns", mean_of(persists_ns));
  if (!alone_ns.empty()) rig_.add("persist_alone_ns", mean_of(alone_ns));
}

void WindowSampler::add_phases(double saves) {
  const auto totals = rig_.context.trace().totals();
  for (int i = 0; i < kPhaseCount; ++i) {
    const PhaseTotal& total = totals[static_cast<size_t>(i)];
    if (total.count == 0) continue;
    rig_.add(fmt::format("phase_{}_ns", phase_name(static_cast<Phase>(i))),
             static_cast<double>(total.total_ns) / saves);
  }
}

// The parts of the stall come from the gaps of the same two windows, so they add up.
void WindowSampler::add_pair(const Pair& pair) {
  const auto without = static_cast<double>(pair.plain.wall_ns);
  const auto with = static_cast<double>(pair.saving.wall_ns);
  rig_.add("paired_ratio", with / without);
  rig_.add("overhead_pct", 100 * (with - without) / without);
  const uint64_t saves = saves_in(pair.saving);
  if (saves == 0) return;
  const auto per_save = [&](int64_t ns) {
    return static_cast<double>(ns) / static_cast<double>(saves);
  };
  const int64_t slower_ns = pair.saving.steps_ns() - pair.plain.steps_ns();
  const int64_t gate_ns = pair.saving.gate_ns - pair.plain.gate_ns;
  rig_.add("stall_ns", per_save(pair.saving.wall_ns - pair.plain.wall_ns));
  rig_.add("block_ns", per_save(pair.saving.block_ns));
  rig_.add("retention_ns", per_save(pair.saving.retention_ns));
  rig_.add("retention_wait_ns", per_save(pair.saving.retention_wait_ns));
  rig_.add("gate_ns", per_save(gate_ns));
  rig_.add("asking_ns", per_save(pair.saving.asking_ns));
  rig_.add("interference_ns", per_save(slower_ns - gate_ns));
  add_lags(pair.plain, pair.saving);
  if (const auto ns =
          slowed_within_ns(pair.saving.step_ns, before_steps(pair.saving), plan_.busy_steps)) {
    rig_.add("after_save_ns", *ns);
  }
  if (const auto ns = delay_beyond(pair.plain, pair.saving)) {
    rig_.add("save_run_delay_ns", *ns / static_cast<double>(saves));
  }
  add_floor(pair);
}

void WindowSampler::add_floor(const Pair& pair) {
  if (pair.written.written.empty()) return;
  const auto writes = static_cast<double>(pair.written.written.size());
  rig_.add("interference_floor_ns",
           static_cast<double>(pair.written.steps_ns() - pair.plain.steps_ns()) / writes);
  if (const auto ns =
          slowed_within_ns(pair.written.step_ns, pair.written.written, plan_.busy_steps)) {
    rig_.add("after_floor_ns", *ns);
  }
  if (const auto ns = delay_beyond(pair.plain, pair.written)) {
    rig_.add("floor_run_delay_ns", *ns / writes);
  }
}

// Means, so that a window's lags add up to its gate and interference.
void WindowSampler::add_lags(const WindowTimes& plain, const WindowTimes& saving) {
  std::array<std::vector<double>, kMaxLag + 1> differences_ns;
  const std::vector<uint64_t> lags = lags_of(saving.step_ns.size(), before_steps(saving));
  for (size_t i = 0; i < lags.size(); ++i) {
    if (lags[i] == 0 || lags[i] > kMaxLag) continue;
    differences_ns[lags[i]].push_back(static_cast<double>(saving.step_ns[i] - plain.step_ns[i]));
  }
  for (uint64_t lag = 1; lag <= kMaxLag; ++lag) {
    if (differences_ns[lag].empty()) continue;
    rig_.add(fmt::format("step_lag_{}_ns", lag), mean_of(differences_ns[lag]));
  }
}

void WindowSampler::group(MeasureProbes& probes, PlainWriter* writer) {
  align();
  rig_.folder.sync();
  Pair first;
  Pair second;
  first.plain = plain_window();
  const uint64_t first_slot = rig_.log.size();
  first.saving = saving_window();
  first.written = written_window(writer, first_slot);
  probes.run(&rig_.samples);
  rig_.folder.sync();
  second.written = written_window(writer, rig_.log.size());
  second.saving = saving_window();
  second.plain = plain_window();
  probes.run(&rig_.samples);
  add_pair(first);
  add_pair(second);
}

}  // namespace ckptbench
