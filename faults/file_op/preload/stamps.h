// What the last operation that was seen left of each file: its length and time of modification. A
// file that shows another one before the next operation, or at the end, was changed by something
// that was not seen, also where the new bytes are as many as the old ones. Compared only while no
// operation on the file is under way, and only on file systems that keep exact times by themselves.
//
// Files are told apart by device and inode, so that renames and links need no care. A change within
// one tick of the file system's clock after the last operation is not found; kernels from 6.13 have
// no such tick here, because each look makes the next change have a time of its own.
//
// The table is part of a job's memory (job_memory.h). Freestanding, as state.h says; any thread.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ckptfault {

inline constexpr uint32_t kStampSlots = 1 << 14;

struct Stamp {
  uint64_t device;
  uint64_t inode;
  int64_t changed_ns;  // mtime
  uint64_t bytes;
  uint32_t under_way;  // operations that may change it
  bool known;
};

// Dense slots behind an index, as of the paths of a job.
struct Stamps {
  bool enabled;
  uint32_t used;
  uint16_t index[kStampSlots];  // slot + 1, 0: free
  Stamp slots[kStampSlots];
};

// A file by an open descriptor (`name` null), or by a name as of openat(2).
struct Target {
  int fd;
  const char* name;
};

// Around an operation that may change the file's content or times. `path`: for the log, which then
// says that it was changed unseen. What enter returns goes to leave.
uint32_t enter_file(const Target& file, const char* path);
void leave_file(uint32_t entered, const Target& file);
// Before a name of the file goes. Not 0 where it is the last: then the file is to be forgotten,
// since its number may be given to another.
uint32_t check_file(const Target& file, const char* path);
void forget_file(uint32_t checked);
// It may change where no operation counts.
void forget_file(const Target& file);

// Logs what is known of each file.
void log_stamps();
// Whether times of modification mean anything there: other file systems take them from a server, or
// late.
bool keeps_times(const char* folder);

}  // namespace ckptfault
