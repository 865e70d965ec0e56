#include "harness/measure/window_runner.h"

#include <algorithm>
#include <numeric>

#include "harness/platform/clock.h"
#include "harness/platform/proc.h"

namespace ckptbench {
namespace {

BesideTimes operator-(const BesideTimes& now, const BesideTimes& before) {
  return {.retention_ns = now.retention_ns - before.retention_ns,
          .retention_wait_ns = now.retention_wait_ns - before.retention_wait_ns,
          .asking_ns = now.asking_ns - before.asking_ns};
}

// Adds them to the window's; what is left of the gap that they lie in. On a GPU the stream may
// still work while the host lists, deletes or asks.
int64_t take_beside(WindowTimes& times, BesideTimes& beside, int64_t gap_ns) {
  beside.retention_ns = std::min(beside.retention_ns, gap_ns);
  beside.asking_ns = std::min(beside.asking_ns, gap_ns - beside.retention_ns);
  times.retention_ns += beside.retention_ns;
  times.retention_wait_ns += std::min(beside.retention_wait_ns, beside.retention_ns);
  times.asking_ns += beside.asking_ns;
  return gap_ns - beside.retention_ns - beside.asking_ns;
}

}  // namespace

void TimedHook::before_update(std::span<const TensorView> tensors,
                              std::span<const TensorView> gradients) {
  const int64_t begin_ns = now_ns();
  hook_.before_update(tensors, gradients);
  gate_ns_ += now_ns() - begin_ns;
}

int64_t WindowTimes::steps_ns() const {
  return std::accumulate(step_ns.begin(), step_ns.end(), int64_t{0});
}

void WindowRunner::train() {
  next_ = trainer_.advance(hook_);
  losses_.push_back(trainer_.loss());
}

void WindowRunner::request() {
  trainer_.saved();
  saver_.request(state_.view(), trainer_.step(), next_.metric);
}

void WindowRunner::step() {
  train();
}

void WindowRunner::lead_in(uint64_t steps, AtSaves at_saves, PlainWriter* writer) {
  if (at_saves == AtSaves::kSave) request();
  if (at_saves == AtSaves::kPlainWrite) writer->begin();
  for (uint64_t i = 0; i < steps; ++i) {
    train();
    if (at_saves == AtSaves::kSave) poll();
  }
}

BesideTimes WindowRunner::beside() const {
  return {.retention_ns = saver_.retention_ns(),
          .retention_wait_ns = saver_.retention_wait_ns(),
          .asking_ns = saver_.asking_ns()};
}

// As training does: an acknowledgement that only wait() gives is seen at the next step. Retention
// waits for the next request; listing counts as retention wherever it is needed.
BesideTimes WindowRunner::poll() {
  const BesideTimes before = beside();
  saver_.hold_retention(true);
  saver_.settle({});
  saver_.hold_retention(false);
  return beside() - before;
}

void WindowRunner::save_now() {
  trainer_.saved();
  saver_.request(state_.view(), trainer_.step(), std::nullopt);
}

void WindowRunner::settle() {
  decide_saves();
  saver_.drain();
}

void WindowRunner::decide_saves() {
  if (saver_.settle(save_deadline_())) return;
  throw ExitError(ExitCode::kHarness, "the save of step " + std::to_string(saver_.last_step()) +
                                          " is still not decided in time");
}

SaveTimes WindowRunner::timed_request(uint64_t step) {
  const BesideTimes before = beside();
  request();
  return {.slot = log_.size() - 1, .before_step = step, .beside = beside() - before};
}

void WindowRunner::begin_save(WindowTimes& times, uint64_t step, AtSaves at_saves,
                              PlainWriter* writer) {
  if (at_saves == AtSaves::kSave) {
    times.saves.push_back(timed_request(step));
  } else {
    writer->begin();
    times.written.push_back(step);
  }
  timeline_->mark();
}

WindowTimes WindowRunner::run(uint64_t steps, AtSaves at_saves, PlainWriter* writer) {
  WindowTimes times;
  times.saves.reserve(steps);
  times.written.reserve(steps);
  times.polls.resize(steps);
  timeline_->reset(2 * steps + 1);
  const int64_t gate_before_ns = hook_.gate_ns();
  device_.synchronize_training();
  const auto delay_before = own_run_delay_ns();
  run_steps(times, steps, at_saves, writer);
  times.step_ns.resize(steps);
  read(times);
  const auto delay_after = own_run_delay_ns();
  if (delay_before && delay_after) {
    times.run_delay_ns = delay_after.value() - delay_before.value();
  }
  finish(times, writer);
  times.gate_ns = hook_.gate_ns() - gate_before_ns;
  return times;
}

void WindowRunner::run_steps(WindowTimes& times, uint64_t steps, AtSaves at_saves,
                             PlainWriter* writer) {
  timeline_->mark();
  for (uint64_t i = 0; i < steps; ++i) {
    if (at_saves != AtSaves::kNothing && save_is_due()) begin_save(times, i, at_saves, writer);
    train();
    if (at_saves == AtSaves::kSave) times.polls[i] = poll();
    timeline_->mark();
  }
}

void WindowRunner::finish(WindowTimes& times, PlainWriter* writer) {
  const int64_t end_ns = now_ns();
  // The last save is retained at the first request of the next window: as many retentions as saves
  // in every window.
  saver_.hold_retention(true);
  decide_saves();
  const int64_t decided_ns = now_ns();
  times.tail_ns = decided_ns - end_ns;
  saver_.drain();  // deletions of this window must not run beside the next one
  saver_.hold_retention(false);
  times.drain_ns = now_ns() - decided_ns;
  if (writer != nullptr) writer->finish();
}

void WindowRunner::read(WindowTimes& times) {
  const std::vector<int64_t> gaps = timeline_->gaps_ns();
  times.wall_ns = std::accumulate(gaps.begin(), gaps.end(), int64_t{0});
  size_t gap = 0;
  size_t save = 0;
  size_t write = 0;
  for (uint64_t i = 0; i < times.step_ns.size(); ++i) {
    if (save < times.saves.size() && times.saves[save].before_step == i) {
      SaveTimes& each = times.saves[save++];
      each.block_ns = take_beside(times, each.beside, gaps[gap++]);
      times.block_ns += each.block_ns;
    } else if (write < times.written.size() && times.written[write] == i) {
      times.wall_ns -= gaps[gap++];  // the writer's own time is no part of a plain window
      ++write;
    }
    times.step_ns[i] = take_beside(times, times.polls[i], gaps[gap++]);
  }
}

}  // namespace ckptbench
