// Hooks of mapped memory. What is stored there, and when, cannot be seen: that a file can be stored
// to is logged instead. The calls are raw: these hooks run before anything could be looked up.
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faults/file_op/preload/hook.h"

namespace {

// A shared mapping of a file below the root that only reads, and may be made to write.
bool may_become_writable = false;

void* map(void* address, size_t bytes, int protection, int flags, int fd, off_t offset) {
  return reinterpret_cast<void*>(
      ::syscall(SYS_mmap, address, bytes, protection, flags, fd, offset));
}

void note(int protection, int flags, int fd) {
  ckptfault::Descriptor file;
  if ((flags & MAP_ANONYMOUS) != 0 || (flags & MAP_TYPE) == MAP_PRIVATE) return;
  if (!ckptfault::find(fd, file) || !file.may_write) return;
  if ((protection & PROT_WRITE) != 0) return ckptfault::note_mapped(file.path);
  __atomic_store_n(&may_become_writable, true, __ATOMIC_RELAXED);
}

}  // namespace

CKPT_HOOK void* mmap(void* address, size_t bytes, int protection, int flags, int fd,
                     off_t offset) noexcept {
  void* mapped = map(address, bytes, protection, flags, fd, offset);
  if (mapped != MAP_FAILED && ckptfault::armed()) note(protection, flags, fd);
  return mapped;
}

CKPT_HOOK void* mmap64(void* address, size_t bytes, int protection, int flags, int fd,
                       off64_t offset) noexcept {
  return mmap(address, bytes, protection, flags, fd, offset);
}

CKPT_HOOK int mprotect(void* address, size_t bytes, int protection) noexcept {
  const long result = ::syscall(SYS_mprotect, address, bytes, protection);
  const bool writes = result == 0 && (protection & PROT_WRITE) != 0;
  if (writes && ckptfault::armed() && __atomic_load_n(&may_become_writable, __ATOMIC_RELAXED)) {
    ckptfault::RelativePath path;
    ckptfault::resolve_address(address, path);
    if (path.below()) ckptfault::note_mapped(path.text);
  }
  return static_cast<int>(result);
}

// The durability of mapped stores; its file is found by the address.
CKPT_HOOK int msync(void* address, size_t bytes, int flags) {
  ckptfault::RelativePath path;
  if (!ckptfault::armed()) return CKPT_NEXT(msync)(address, bytes, flags);
  ckptfault::resolve_address(address, path);
  if (!path.below()) return CKPT_NEXT(msync)(address, bytes, flags);
  return ckptfault::counted(ckptfault::Op::kFsync, path.text, nullptr,
                            [&] { return CKPT_NEXT(msync)(address, bytes, flags); });
}
