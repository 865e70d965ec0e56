// How much of the machine other programs, or the host of a virtual machine, used while the windows
// ran: what explains figures that one run has and the next has not. Reads /proc at both ends of a
// window, outside its times. One thread.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "harness/platform/proc.h"

namespace ckptbench {

class LoadWatch {
 public:
  // `root` and everything below it is the cell's own.
  explicit LoadWatch(pid_t root) : root_(root) {}

  // Around each window. Throw ExitError(kEnvironment) where /proc/stat cannot be read.
  void begin();
  void end();

  // What begin() and end() do with what they read, `wall_ns` apart.
  void add(const CpuUse& before, const CpuUse& after, int64_t wall_ns);

  // Of the time of all processors between begin() and end(), in all windows so far: the share that
  // processes outside the tree used, in percent. The kernel's own threads count as nobody's: they
  // write back what the cell has saved.
  double foreign_cpu_pct() const;
  // The share in which a processor of this virtual machine had work, and the host ran others.
  double stolen_cpu_pct() const;

 private:
  CpuUse use() const;
  double share_pct(double ns) const;

  pid_t root_;
  CpuUse begin_;
  int64_t begin_ns_ = 0;
  double foreign_ns_ = 0;
  double stolen_ns_ = 0;
  double capacity_ns_ = 0;
};

}  // namespace ckptbench
