// Hooks of what sets a file's times. They are no points, since no byte changes; but what they set
// is what the file shows from then on.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <utime.h>

#include "faults/file_op/preload/hook.h"

namespace {

template <class Call>
int set_by_name(int folder, const char* name, Call call) {
  if (!ckptfault::armed()) return call();
  ckptfault::RelativePath path;
  ckptfault::resolve(folder, name, path);
  return path.below() ? ckptfault::changing({folder, name}, path.text, call) : call();
}

template <class Call>
int set_by_descriptor(int fd, Call call) {
  ckptfault::Descriptor file;
  if (!ckptfault::armed() || !ckptfault::find(fd, file)) return call();
  return ckptfault::changing({fd, nullptr}, file.path, call);
}

}  // namespace

CKPT_HOOK int utimensat(int folder, const char* name, const timespec times[2], int flags) noexcept {
  // The C library declares that the name is never null, and then refuses a null one with EINVAL:
  // the compiler must not leave the question out.
  const char* asked = name;
  asm("" : "+r"(asked));
  const auto call = [&] { return CKPT_NEXT(utimensat)(folder, name, times, flags); };
  return asked == nullptr ? call() : set_by_name(folder, name, call);
}
CKPT_HOOK int futimesat(int folder, const char* name, const timeval times[2]) noexcept {
  const auto call = [&] { return CKPT_NEXT(futimesat)(folder, name, times); };
  return name == nullptr ? set_by_descriptor(folder, call) : set_by_name(folder, name, call);
}
CKPT_HOOK int futimens(int fd, const timespec times[2]) noexcept {
  return set_by_descriptor(fd, [&] { return CKPT_NEXT(futimens)(fd, times); });
}
CKPT_HOOK int futimes(int fd, const timeval times[2]) noexcept {
  return set_by_descriptor(fd, [&] { return CKPT_NEXT(futimes)(fd, times); });
}
CKPT_HOOK int utimes(const char* name, const timeval times[2]) noexcept {
  return set_by_name(AT_FDCWD, name, [&] { return CKPT_NEXT(utimes)(name, times); });
}
CKPT_HOOK int lutimes(const char* name, const timeval times[2]) noexcept {
  return set_by_name(AT_FDCWD, name, [&] { return CKPT_NEXT(lutimes)(name, times); });
}
CKPT_HOOK int utime(const char* name, const utimbuf* times) noexcept {
  return set_by_name(AT_FDCWD, name, [&] { return CKPT_NEXT(utime)(name, times); });
}
