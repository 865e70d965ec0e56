// Hooks of what acts on an open descriptor: writes, durability, sizes, duplicates, close.
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "faults/file_op/preload/hook.h"

using ckptfault::Manner;
using ckptfault::on_descriptor;
using ckptfault::on_write;
using ckptfault::Op;
using ckptfault::Prefix;
using ckptfault::total_bytes;

CKPT_HOOK ssize_t write(int fd, const void* data, size_t bytes) {
  return on_write(fd, bytes, [&](uint64_t limit) { return CKPT_NEXT(write)(fd, data, limit); });
}

CKPT_HOOK ssize_t pwrite(int fd, const void* data, size_t bytes, off_t offset) {
  return on_write(fd, bytes,
                  [&](uint64_t limit) { return CKPT_NEXT(pwrite)(fd, data, limit, offset); });
}

CKPT_HOOK ssize_t pwrite64(int fd, const void* data, size_t bytes, off64_t offset) {
  return pwrite(fd, data, bytes, offset);
}

CKPT_HOOK ssize_t writev(int fd, const iovec* buffers, int count) {
  const uint64_t all = total_bytes(buffers, count);
  return on_write(fd, all, [&](uint64_t limit) {
    if (limit == all) return CKPT_NEXT(writev)(fd, buffers, count);
    const Prefix prefix(buffers, count, limit);
    return CKPT_NEXT(writev)(fd, prefix.buffers, prefix.count);
  });
}

CKPT_HOOK ssize_t pwritev2(int fd, const iovec* buffers, int count, off_t offset, int flags) {
  const uint64_t all = total_bytes(buffers, count);
  return on_write(fd, all, [&](uint64_t limit) {
    if (limit == all) return CKPT_NEXT(pwritev2)(fd, buffers, count, offset, flags);
    const Prefix prefix(buffers, count, limit);
    return CKPT_NEXT(pwritev2)(fd, prefix.buffers, prefix.count, offset, flags);
  });
}

CKPT_HOOK ssize_t pwritev64v2(int fd, const iovec* buffers, int count, off64_t offset, int flags) {
  return pwritev2(fd, buffers, count, offset, flags);
}

CKPT_HOOK ssize_t pwritev(int fd, const iovec* buffers, int count, off_t offset) {
  const uint64_t all = total_bytes(buffers, count);
  return on_write(fd, all, [&](uint64_t limit) {
    if (limit == all) return CKPT_NEXT(pwritev)(fd, buffers, count, offset);
    const Prefix prefix(buffers, count, limit);
    return CKPT_NEXT(pwritev)(fd, prefix.buffers, prefix.count, offset);
  });
}

CKPT_HOOK ssize_t pwritev64(int fd, const iovec* buffers, int count, off64_t offset) {
  return pwritev(fd, buffers, count, offset);
}

CKPT_HOOK ssize_t sendfile(int out, int in, off_t* offset, size_t bytes) {
  return on_write(out, bytes,
                  [&](uint64_t limit) { return CKPT_NEXT(sendfile)(out, in, offset, limit); });
}

CKPT_HOOK ssize_t sendfile64(int out, int in, off64_t* offset, size_t bytes) {
  return sendfile(out, in, offset, bytes);
}

CKPT_HOOK ssize_t copy_file_range(int in, off64_t* in_at, int out, off64_t* out_at, size_t bytes,
                                  unsigned flags) {
  return on_write(out, bytes, [&](uint64_t limit) {
    return CKPT_NEXT(copy_file_range)(in, in_at, out, out_at, limit, flags);
  });
}

CKPT_HOOK ssize_t splice(int in, off64_t* in_at, int out, off64_t* out_at, size_t bytes,
                         unsigned flags) {
  return on_write(out, bytes, [&](uint64_t limit) {
    return CKPT_NEXT(splice)(in, in_at, out, out_at, limit, flags);
  });
}

CKPT_HOOK int fsync(int fd) {
  return on_descriptor(Op::kFsync, fd, [&] { return CKPT_NEXT(fsync)(fd); });
}

CKPT_HOOK int fdatasync(int fd) {
  return on_descriptor(Op::kFsync, fd, [&] { return CKPT_NEXT(fdatasync)(fd); });
}

CKPT_HOOK int syncfs(int fd) noexcept {
  return on_descriptor(Op::kFsync, fd, [&] { return CKPT_NEXT(syncfs)(fd); });
}

CKPT_HOOK int sync_file_range(int fd, off64_t offset, off64_t bytes, unsigned flags) {
  return on_descriptor(Op::kFsync, fd,
                       [&] { return CKPT_NEXT(sync_file_range)(fd, offset, bytes, flags); });
}

CKPT_HOOK int ftruncate(int fd, off_t bytes) noexcept {
  return on_descriptor(Op::kTruncate, fd, [&] { return CKPT_NEXT(ftruncate)(fd, bytes); });
}

CKPT_HOOK int ftruncate64(int fd, off64_t bytes) noexcept {
  return ftruncate(fd, bytes);
}

CKPT_HOOK int fallocate(int fd, int mode, off_t offset, off_t bytes) {
  return on_descriptor(
      Op::kTruncate, fd, [&] { return CKPT_NEXT(fallocate)(fd, mode, offset, bytes); },
      (mode & ~FALLOC_FL_KEEP_SIZE) == 0 ? Manner::kReserves : Manner::kPlain);
}

CKPT_HOOK int fallocate64(int fd, int mode, off64_t offset, off64_t bytes) {
  return fallocate(fd, mode, offset, bytes);
}

CKPT_HOOK int posix_fallocate(int fd, off_t offset, off_t bytes) {
  return on_descriptor(
      Op::kTruncate, fd, [&] { return CKPT_NEXT(posix_fallocate)(fd, offset, bytes); },
      Manner::kReserves);
}

CKPT_HOOK int posix_fallocate64(int fd, off64_t offset, off64_t bytes) {
  return posix_fallocate(fd, offset, bytes);
}

CKPT_HOOK int close(int fd) {
  // A program that closes whatever may be open does not mean ours.
  if (ckptfault::armed() && ckptfault::is_log(fd)) return 0;
  ckptfault::Descriptor file;
  if (!ckptfault::armed() || !ckptfault::find(fd, file)) {
    ckptfault::forget(fd);
    return CKPT_NEXT(close)(fd);
  }
  // Before the call: another thread may be given the number as soon as it is free.
  ckptfault::forget(fd);
  if (!file.may_write) return CKPT_NEXT(close)(fd);
  return ckptfault::counted(Op::kClose, file.path, nullptr, [&] { return CKPT_NEXT(close)(fd); });
}

CKPT_HOOK int close_range(unsigned first, unsigned last, int flags) noexcept {
  const int result = CKPT_NEXT(close_range)(first, last, flags);
  if (result == 0 && flags == 0) {
    for (unsigned fd = first; fd <= last && fd < 1u << 16; ++fd) {
      ckptfault::forget(static_cast<int>(fd));
    }
  }
  return result;
}

CKPT_HOOK void closefrom(int first) noexcept {
  for (int fd = first < 0 ? 0 : first; fd < 1 << 16; ++fd) ckptfault::forget(fd);
  CKPT_NEXT(closefrom)(first);
}

CKPT_HOOK int dup(int fd) noexcept {
  const int copy = CKPT_NEXT(dup)(fd);
  if (copy >= 0) ckptfault::duplicate(fd, copy);
  return copy;
}

CKPT_HOOK int dup2(int fd, int to) noexcept {
  const int copy = CKPT_NEXT(dup2)(fd, to);
  if (copy >= 0) ckptfault::duplicate(fd, copy);
  return copy;
}

CKPT_HOOK int dup3(int fd, int to, int flags) noexcept {
  const int copy = CKPT_NEXT(dup3)(fd, to, flags);
  if (copy >= 0) ckptfault::duplicate(fd, copy);
  return copy;
}

namespace {

using Fcntl = int (*)(int, int, ...);

int fcntl_through(Fcntl next, int fd, int command, long argument) {
  const int result = next(fd, command, argument);
  if (result >= 0 && (command == F_DUPFD || command == F_DUPFD_CLOEXEC)) {
    ckptfault::duplicate(fd, result);
  }
  if (result >= 0 && command == F_SETFL) ckptfault::forget_flags(fd);
  return result;
}

}  // namespace

CKPT_HOOK int fcntl(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  const long argument = va_arg(list, long);
  va_end(list);
  return fcntl_through(CKPT_NEXT(fcntl), fd, command, argument);
}

CKPT_HOOK int fcntl64(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  const long argument = va_arg(list, long);
  va_end(list);
  return fcntl_through(CKPT_NEXT(fcntl64), fd, command, argument);
}
