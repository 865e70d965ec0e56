// Facts of running processes, as /proc tells them: ancestry, state, memory, bytes moved, open
// files. Free functions; any thread. What they return is a snapshot: processes come and go. A
// process or file of /proc that is not there is an empty optional; where a fact is needed it is an
// error.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/error.h"

namespace ckptbench {

// Empty when /proc cannot be read.
std::vector<pid_t> all_processes();
// `root` first, then its descendants, nearest first. Only those that still exist.
std::vector<pid_t> process_tree(pid_t root);
// Threads of a process; empty when it is gone.
std::vector<pid_t> threads_of(pid_t process);
// True when that process has a handler of its own for the signal.
bool catches(pid_t process, int signal);

struct ProcStat {
  char state = '?';  // R running, S sleeping, D waiting uninterruptibly, Z dead
  pid_t parent = 0;
  pid_t group = 0;
  bool is_kernel = false;    // a thread of the kernel's own
  uint64_t cpu_ticks = 0;    // of the process and its reaped children, user and system
  uint64_t start_ticks = 0;  // since boot; both in units of sysconf(_SC_CLK_TCK)
};
std::optional<ProcStat> stat_of(pid_t process);
std::optional<ProcStat> stat_of_thread(pid_t process, pid_t thread);
// What a process and everything below it have done so far: processor time, that of reaped children
// too, and bytes given to calls that read and write. A process that ends takes its own bytes with
// it.
struct TreeActivity {
  int64_t cpu_ns = 0;
  uint64_t moved_bytes = 0;
};
TreeActivity tree_activity(pid_t root);
// Processor time since the machine booted, of all processors together, and whose it was.
struct CpuUse {
  uint64_t cores = 0;
  int64_t busy_ns = 0;    // without interrupts, which belong to no process
  int64_t stolen_ns = 0;  // of a virtual machine: its processors waited for the host's
  // Of each of the kernel's own threads that is seen from here; one that ends takes its time along.
  std::map<pid_t, int64_t> kernel_ns;
  int64_t tree_ns = 0;  // of `root`, what lies below it, and their reaped children
};
Result<CpuUse> cpu_use(pid_t root);
// How long the calling thread was ready to run and waited for a processor. Error where the kernel
// does not count it.
Result<int64_t> own_run_delay_ns();
// Since this process began. A program that was started anew in the same process counts from its
// first start; a forked one from its fork.
Result<int64_t> own_age_ns();

// Resident pages, now and at their highest since the process began or reset_peak().
struct ResidentBytes {
  uint64_t now = 0;
  uint64_t peak = 0;
};
Result<ResidentBytes> resident_bytes(pid_t process);
// Begins a new highest value. Error where the kernel does not allow it.
Status reset_peak(pid_t process);
// Proportional set size of a process and everything below it: shared pages are divided among those
// that share them. Processes that end meanwhile count as gone.
Result<uint64_t> tree_pss_bytes(pid_t root);

// Bytes that this process and everything below it, reaped children too, have given to block devices
// or dirtied in the page cache so far. A process that leaves the tree, because its parent ended
// first or never asks for its end, takes its bytes with it. Error where the kernel does not count.
Result<uint64_t> io_written_bytes();
// Bytes that this process and its reaped children have fetched from block devices.
Result<uint64_t> io_read_bytes();
// Pages of all files of the machine that wait to be written or are being written, bytes.
Result<uint64_t> dirty_page_bytes();

struct OpenFile {
  std::string path;
  int flags = 0;  // as of open(2)
};
// Of this process.
std::vector<OpenFile> open_files();
// Of this process, all kinds.
uint64_t open_descriptors();

}  // namespace ckptbench
