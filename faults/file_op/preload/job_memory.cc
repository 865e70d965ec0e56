#include "faults/file_op/preload/job_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faults/file_op/preload/text.h"

namespace ckptfault {
namespace {

constexpr int kHighDescriptor = 900;  // above those that programs use and close by hand

// REQUIRES: a Turn, and a free entry, published last. Null when the arena is full.
PathSlot* new_slot(JobMemory& memory, const char* path, uint16_t& entry) {
  const size_t length = strlen(path) + 1;
  if (memory.arena_used + length > kArenaBytes || memory.slots_used == kPathSlots) return nullptr;
  PathSlot& slot = memory.slots[memory.slots_used++];
  slot.text = memory.arena_used;
  memory.arena_used += static_cast<uint32_t>(length);
  memcpy(memory.arena + slot.text, path, length);
  __atomic_store_n(&entry, static_cast<uint16_t>(memory.slots_used), __ATOMIC_RELEASE);
  return &slot;
}

JobMemory* map_memory(int fd) {
  const long address =
      raw(SYS_mmap, 0, sizeof(JobMemory), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return address == -1 ? nullptr : reinterpret_cast<JobMemory*>(address);
}

// The group, where this process leads it: the harness starts every job so. Alone otherwise: a group
// may be a user's shell.
int job_of_this_process() {
  const int own = process_id();
  return raw(SYS_getpgid, 0) == own ? -own : own;
}

}  // namespace

long raw(long number, long a, long b, long c, long d, long e, long f) {
  return ::syscall(number, a, b, c, d, e, f);
}

int process_id() {
  return static_cast<int>(raw(SYS_getpid));
}

int move_up(long fd) {
  if (fd < 0) return -1;
  const long high = raw(SYS_fcntl, fd, F_DUPFD_CLOEXEC, kHighDescriptor);
  if (high < 0)
    return static_cast<int>(fd);  // a low limit on descriptors: then it stays where it is
  raw(SYS_close, fd);
  return static_cast<int>(high);
}

Turn::Turn(JobMemory& memory) : memory_(memory) {
  if (pthread_mutex_lock(&memory_.turn) == EOWNERDEAD) pthread_mutex_consistent(&memory_.turn);
}

Turn::~Turn() {
  pthread_mutex_unlock(&memory_.turn);
}

PathSlot* slot_of(JobMemory& memory, const char* path) {
  for (uint32_t i = 0, at = hash(path); i < kPathSlots; ++i, ++at) {
    uint16_t& entry = memory.index[at % kPathSlots];
    if (entry == 0) {
      if (PathSlot* slot = new_slot(memory, path, entry)) return slot;
      break;
    }
    PathSlot& slot = memory.slots[entry - 1];
    if (strcmp(memory.arena + slot.text, path) == 0) return &slot;
  }
  if (!memory.reported_full)
    print_error("too many different paths, occurrences of new ones are 0", path);
  memory.reported_full = true;
  return nullptr;
}

JobMemory* begin_job(int& fd) {
  fd = move_up(raw(SYS_memfd_create, reinterpret_cast<long>(kMemoryName), MFD_CLOEXEC));
  if (fd < 0 || raw(SYS_ftruncate, fd, sizeof(JobMemory)) != 0) return nullptr;
  JobMemory* memory = map_memory(fd);
  if (memory == nullptr) return nullptr;
  pthread_mutexattr_t robust;
  pthread_mutexattr_init(&robust);
  pthread_mutexattr_setpshared(&robust, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&memory->turn, &robust);
  memory->job = job_of_this_process();
  return memory;
}

JobMemory* join_job(const char* path, int& fd) {
  fd = move_up(raw(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDWR | O_CLOEXEC));
  return fd < 0 ? nullptr : map_memory(fd);
}

}  // namespace ckptfault
