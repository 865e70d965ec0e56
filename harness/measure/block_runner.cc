#include "harness/measure/block_runner.h"

#include <algorithm>
#include <numeric>

#include "harness/platform/clock.h"

namespace ckptbench {

void TimedHook::before_update(std::span<const TensorView> tensors,
                              std::span<const TensorView> gradients) {
  const int64_t begin_ns = now_ns();
  hook_.before_update(tensors, gradients);
  gate_ns_ += now_ns() - begin_ns;
}

int64_t BlockTimes::steps_ns() const {
  return std::accumulate(step_ns.begin(), step_ns.end(), int64_t{0});
}

Decision BlockRunner::train() {
  const Decision decision = trainer_.advance(hook_);
  losses_.push_back(trainer_.loss());
  return decision;
}

void BlockRunner::request(const Decision& decision) {
  trainer_.saved();
  saver_.request(state_.view(), trainer_.step(), decision.metric);
}

void BlockRunner::step(bool with_saves) {
  const Decision decision = train();
  if (with_saves && decision.save()) request(decision);
}

// As training does: an acknowledgement that only wait() gives is seen at the next step. Retention
// waits for the next request; listing counts as retention wherever it is needed.
int64_t BlockRunner::poll() {
  const int64_t retention_before_ns = saver_.retention_ns();
  saver_.hold_retention(true);
  saver_.settle({});
  saver_.hold_retention(false);
  return saver_.retention_ns() - retention_before_ns;
}

void BlockRunner::save_now() {
  trainer_.saved();
  saver_.request(state_.view(), trainer_.step(), std::nullopt);
}

void BlockRunner::settle() {
  decide_saves();
  saver_.drain();
}

void BlockRunner::decide_saves() {
  if (saver_.settle(save_deadline_())) return;
  throw ExitError(ExitCode::kHarness, "the save of step " + std::to_string(saver_.last_step()) +
                                          " is still not decided in time");
}

BlockTimes BlockRunner::run(uint64_t steps, AtSaves at_saves, PlainWriter* writer) {
  BlockTimes times;
  times.saves.reserve(steps);
  times.written.reserve(steps);
  times.listing_ns.resize(steps);
  timeline_->reset(2 * steps + 1);
  const int64_t gate_before_ns = hook_.gate_ns();
  device_.synchronize_training();
  timeline_->mark();
  for (uint64_t i = 0; i < steps; ++i) {
    const Decision decision = train();
    if (at_saves == AtSaves::kSave) times.listing_ns[i] = poll();
    timeline_->mark();
    if (at_saves == AtSaves::kNothing || !decision.save()) continue;
    if (at_saves == AtSaves::kSave) {
      const int64_t retention_before_ns = saver_.retention_ns();
      request(decision);
      times.saves.push_back({.slot = log_.size() - 1,
                             .after_step = i,
                             .retention_ns = saver_.retention_ns() - retention_before_ns});
    } else {
      writer->begin();
      times.written.push_back(i);
    }
    timeline_->mark();
  }
  times.step_ns.resize(steps);
  finish(times, writer);
  times.gate_ns = hook_.gate_ns() - gate_before_ns;
  return times;
}

void BlockRunner::finish(BlockTimes& times, PlainWriter* writer) {
  read(times);
  const int64_t end_ns = now_ns();
  // The last save is retained at the first request of the next block: as many retentions as saves
  // in every block.
  saver_.hold_retention(true);
  decide_saves();
  const int64_t decided_ns = now_ns();
  times.tail_ns = decided_ns - end_ns;
  saver_.drain();  // deletions of this block must not run beside the next one
  saver_.hold_retention(false);
  times.drain_ns = now_ns() - decided_ns;
  if (writer != nullptr) writer->finish();
}

void BlockRunner::read(BlockTimes& times) {
  const std::vector<int64_t> gaps = timeline_->gaps_ns();
  times.wall_ns = std::accumulate(gaps.begin(), gaps.end(), int64_t{0});
  size_t gap = 0;
  size_t save = 0;
  size_t write = 0;
  for (uint64_t i = 0; i < times.step_ns.size(); ++i) {
    // On a GPU the stream may still work while the host lists or deletes.
    const int64_t listing_ns = std::min(times.listing_ns[i], gaps[gap]);
    times.retention_ns += listing_ns;
    times.step_ns[i] = gaps[gap++] - listing_ns;
    if (save < times.saves.size() && times.saves[save].after_step == i) {
      SaveTimes& each = times.saves[save++];
      each.retention_ns = std::min(each.retention_ns, gaps[gap]);
      each.block_ns = gaps[gap++] - each.retention_ns;
      times.block_ns += each.block_ns;
      times.retention_ns += each.retention_ns;
    } else if (write < times.written.size() && times.written[write] == i) {
      times.wall_ns -= gaps[gap++];  // the writer's own time is no part of a plain block
      ++write;
    }
  }
}

}  // namespace ckptbench
