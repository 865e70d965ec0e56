// What the slots take from, and where their records come together: trials in order, then each
// sweep, point N = 1, 2, … to the one that says that there are no more. Slots run ahead of that end
// by at most their number; points beyond it are dropped. A sweep in which nothing fired has proved
// nothing: its end is VACUOUS. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "harness/core/record.h"

namespace ckptbench {

struct Task {
  Cell cell;
  size_t index = 0;    // of the planned cell
  uint64_t point = 0;  // from 1 in a sweep; 0 otherwise
};

class WorkQueue {
 public:
  // `emit` is called with one finished record at a time, those of a sweep in order of N. A cell, or
  // what is left of a sweep, for which `is_needless` is true is left out; it is never called beside
  // `emit`.
  WorkQueue(std::vector<Cell> cells, std::function<void(const Record&)> emit,
            std::function<bool(const Cell&)> is_needless = nullptr);

  // The next task; nothing when there is none left or stop() was called.
  std::optional<Task> next();
  void finish(const Task& task, const Record& record);
  void stop();

 private:
  struct Sweep {
    uint64_t taken = 0;    // points handed out
    uint64_t emitted = 0;  // points whose records have gone out
    std::optional<uint64_t> end;
    uint64_t fired = 0;  // points among those emitted that met their fault
    std::map<uint64_t, Record> waiting;
  };

  void emit_point(Sweep& sweep, Record record);

  std::mutex mutex_;
  std::vector<Cell> cells_;
  std::function<void(const Record&)> emit_;
  std::function<bool(const Cell&)> is_needless_;
  std::map<size_t, Sweep> sweeps_;
  size_t next_ = 0;
  bool stopped_ = false;
};

// The record after which a sweep has no further point: its end, or nothing to sweep.
bool ends_sweep(const Record& record);

}  // namespace ckptbench
