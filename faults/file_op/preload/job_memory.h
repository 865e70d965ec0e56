// What the processes of a job have in common: the counts of their operations by path, and the
// stamps of their files (stamps.h). It lies in memory that all of them map: forked ones inherit it,
// executed ones find it through the environment. Its lock is given back by the kernel when its
// holder dies. Freestanding, as state.h says; any thread.
//
// The harness reads the first number from outside (faults/job_activity.h): a memory file named
// kMemoryName among the descriptors of the job's first process.
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "faults/file_op/preload/stamps.h"
#include "faults/file_op/preload/state.h"

namespace ckptfault {

inline constexpr char kMemoryName[] = "ckptfault";
inline constexpr uint32_t kPathSlots = 1 << 14;  // an index of 16 bits counts them
inline constexpr uint32_t kArenaBytes = 2 << 20;

struct PathSlot {
  uint32_t text;  // offset into the arena
  uint32_t count[kOpCount];
};

// Its pages cost nothing until they are touched.
struct JobMemory {
  uint64_t activity;     // calls below the root so far, opens for reading among them
  uint64_t changes;      // operations that may change something: all but closes
  uint32_t last_change;  // path slot + 1 of the last of them; 0: none, or not in the table
  pthread_mutex_t turn;
  int job;  // what a kill ends, as of kill(2)
  uint64_t n;
  uint64_t matches;
  uint32_t under_way;  // operations between begin and end
  bool closed;         // one of them is at the point of the kill: no other may begin
  uint32_t arena_used;
  uint32_t slots_used;
  bool reported_full;
  // Hash table: path slot + 1, 0: free. Apart from the slots, which fill one after the other: slots
  // scattered by hash would fault in a page per new path, and look like a leak of the strategy's.
  uint16_t index[kPathSlots];
  PathSlot slots[kPathSlots];
  Stamps stamps;
  char arena[kArenaBytes];
};
static_assert(offsetof(JobMemory, activity) == 0);

// One thread of one process at a time. The guarded data stays readable at every moment, so that a
// lock whose holder was killed is taken over as it is.
class Turn {
 public:
  explicit Turn(JobMemory& memory);
  ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  JobMemory& memory_;
};

// Both return null where there is none; `fd`: the memory file's, out of the program's way.
JobMemory* begin_job(int& fd);
// `path`: where another process of the job has it ("/proc/7/fd/5").
JobMemory* join_job(const char* path, int& fd);

// REQUIRES: a Turn. Null when the table is full: then occurrences on new paths are logged as 0.
PathSlot* slot_of(JobMemory& memory, const char* path);

// System calls that no hook sees.
long raw(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0);
int process_id();
// The same file, out of the way of the program's own descriptors.
int move_up(long fd);

}  // namespace ckptfault
