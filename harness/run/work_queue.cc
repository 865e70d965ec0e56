#include "harness/run/work_queue.h"

#include <algorithm>

namespace ckptbench {

bool ends_sweep(const Record& record) {
  if (!record.error.empty()) return true;
  return record.verdict && record.verdict->outcome.has_value();
}

WorkQueue::WorkQueue(std::vector<Cell> cells, std::function<void(const Record&)> emit)
    : cells_(std::move(cells)), emit_(std::move(emit)) {
  std::stable_partition(cells_.begin(), cells_.end(),
                        [](const Cell& cell) { return cell.kind != CellKind::kSweep; });
}

std::optional<Task> WorkQueue::next() {
  const std::lock_guard lock(mutex_);
  while (!stopped_ && next_ < cells_.size()) {
    const Cell& cell = cells_[next_];
    if (cell.kind != CellKind::kSweep) {
      const size_t index = next_++;
      return Task{cell, index, 0};
    }
    Sweep& sweep = sweeps_[next_];
    if (sweep.end) {
      ++next_;
      continue;
    }
    Task task{cell, next_, ++sweep.taken};
    task.cell.fault.rule.occurrence = task.point;
    return task;
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
    if (!sweep.end || first->first <= *sweep.end) emit_(first->second);
    sweep.waiting.erase(first);
    ++sweep.emitted;
  }
}

void WorkQueue::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

}  // namespace ckptbench
