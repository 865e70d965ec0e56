#include "harness/run/work_queue.h"

#include <algorithm>
#include <utility>

#include "harness/core/observed_keys.h"

namespace ckptbench {

bool ends_sweep(const Record& record) {
  if (!record.error.empty()) return true;
  if (!record.verdict || !record.verdict->outcome) return false;
  // A point that was not met is no end: the next one may be.
  const auto sweep = record.observed.find(observed::kSweep);
  if (*record.verdict->outcome != HarnessOutcome::kVacuous || sweep == record.observed.end())
    return true;
  return sweep->value("point", uint64_t{0}) > sweep->value("points", uint64_t{0});
}

WorkQueue::WorkQueue(std::vector<Cell> cells, std::function<void(const Record&)> emit,
                     std::function<bool(const Cell&)> is_needless)
    : cells_(std::move(cells)), emit_(std::move(emit)), is_needless_(std::move(is_needless)) {
  std::stable_partition(cells_.begin(), cells_.end(),
                        [](const Cell& cell) { return cell.kind != CellKind::kSweep; });
}

std::optional<Task> WorkQueue::next() {
  const std::lock_guard lock(mutex_);
  while (!stopped_ && next_ < cells_.size()) {
    const Cell& cell = cells_[next_];
    if (is_needless_ && is_needless_(cell)) {
      ++next_;
      continue;
    }
    if (cell.kind != CellKind::kSweep) {
      const size_t index = next_++;
      return Task{cell, index, 0};
    }
    Sweep& sweep = sweeps_[next_];
    if (sweep.end) {
      ++next_;
      continue;
    }
    return Task{cell, next_, ++sweep.taken};
  }
  return std::nullopt;
}

void WorkQueue::finish(const Task& task, const Record& record) {
  const std::lock_guard lock(mutex_);
  if (task.point == 0) {
    emit_(record);
    return;
  }
  Sweep& sweep = sweeps_[task.index];
  if (ends_sweep(record)) sweep.end = std::min(sweep.end.value_or(task.point), task.point);
  sweep.waiting.emplace(task.point, record);
  while (!sweep.waiting.empty() && sweep.waiting.begin()->first == sweep.emitted + 1) {
    const auto first = sweep.waiting.begin();
    if (!sweep.end || first->first <= *sweep.end) emit_point(sweep, std::move(first->second));
    sweep.waiting.erase(first);
    ++sweep.emitted;
  }
}

void WorkQueue::emit_point(Sweep& sweep, Record record) {
  sweep.fired += record.verdict && !record.verdict->outcome;
  if (record.verdict && record.verdict->outcome == HarnessOutcome::kSweepEnd && sweep.fired == 0) {
    record.verdict->outcome = HarnessOutcome::kVacuous;
    record.verdict->explanation += ", and none fired";
  }
  emit_(record);
}

void WorkQueue::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

}  // namespace ckptbench
