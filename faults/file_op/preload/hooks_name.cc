// Hooks of what acts on a name: open, rename, link, remove, folders, truncate.
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "faults/file_op/preload/hook.h"

extern "C" {
// What FORTIFY_SOURCE turns open into; no header declares them.
int __open_2(const char*, int);
int __open64_2(const char*, int);
int __openat_2(int, const char*, int);
int __openat64_2(int, const char*, int);
}

using ckptfault::on_name;
using ckptfault::Op;

namespace {

bool may_change(int flags) {
  if ((flags & O_PATH) != 0) return false;
  return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
}

// What it is opened as is the file whose stamp counts from then on: it may have been made by this.
template <class Call>
int open_counted(const ckptfault::Target& file, const char* path, Call call) {
  const uint32_t entered = ckptfault::enter_file(file, path);
  const int fd = ckptfault::counted(Op::kOpen, path, nullptr, call);
  ckptfault::leave_file(entered, {fd, nullptr});
  return fd;
}

template <class Call>
int open_through(int folder, const char* name, int flags, Call call) {
  if (!ckptfault::armed()) return call();
  ckptfault::RelativePath path;
  ckptfault::resolve(folder, name, path);
  const bool counts = path.below() && may_change(flags);
  const int fd = counts ? open_counted({folder, name}, path.text, call) : call();
  if (path.below()) {
    ckptfault::note_activity();
    ckptfault::remember(fd, path, (flags & O_ACCMODE) != O_RDONLY);
  } else {
    ckptfault::forget(fd);  // a link may have led below the root: its first use will tell
  }
  return fd;
}

// Both names below the root: the first is `path`, the second `to`.
template <class Call>
int on_two_names(Op op, int from_folder, const char* from, int to_folder, const char* to,
                 Call call) {
  if (!ckptfault::armed()) return call();
  ckptfault::RelativePath first;
  ckptfault::RelativePath second;
  ckptfault::resolve(from_folder, from, first);
  ckptfault::resolve(to_folder, to, second);
  if (!first.below() && !second.below()) return call();
  const bool both = first.below() && second.below();
  if (!both) ckptfault::forget_file({from_folder, from});  // nobody watches it outside
  const auto run = [&] {
    if (!first.below()) return ckptfault::counted(op, second.text, nullptr, call);
    return ckptfault::counted(op, first.text, both ? second.text : nullptr, call);
  };
  if (op != Op::kRename) return run();
  if (both) ckptfault::check_file({from_folder, from}, first.text);
  return second.below() ? ckptfault::removing({to_folder, to}, second.text, run) : run();
}

template <class Call>
int remove_through(Op op, int folder, const char* name, Call call) {
  if (!ckptfault::armed()) return call();
  ckptfault::RelativePath path;
  ckptfault::resolve(folder, name, path);
  if (!path.below()) return call();
  return ckptfault::removing({folder, name}, path.text,
                             [&] { return ckptfault::counted(op, path.text, nullptr, call); });
}

mode_t mode_argument(int flags, va_list list) {
  return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(list, int)) : 0;
}

}  // namespace

#define CKPT_OPEN_HOOK(name)                                                 \
  CKPT_HOOK int name(const char* path, int flags, ...) {                     \
    va_list list;                                                            \
    va_start(list, flags);                                                   \
    const mode_t mode = mode_argument(flags, list);                          \
    va_end(list);                                                            \
    return open_through(AT_FDCWD, path, flags,                               \
                        [&] { return CKPT_NEXT(name)(path, flags, mode); }); \
  }
CKPT_OPEN_HOOK(open)
CKPT_OPEN_HOOK(open64)

#define CKPT_OPENAT_HOOK(name)                                                       \
  CKPT_HOOK int name(int folder, const char* path, int flags, ...) {                 \
    va_list list;                                                                    \
    va_start(list, flags);                                                           \
    const mode_t mode = mode_argument(flags, list);                                  \
    va_end(list);                                                                    \
    return open_through(folder, path, flags,                                         \
                        [&] { return CKPT_NEXT(name)(folder, path, flags, mode); }); \
  }
CKPT_OPENAT_HOOK(openat)
CKPT_OPENAT_HOOK(openat64)

CKPT_HOOK int __open_2(const char* path, int flags) {
  return open_through(AT_FDCWD, path, flags, [&] { return CKPT_NEXT(__open_2)(path, flags); });
}
CKPT_HOOK int __open64_2(const char* path, int flags) {
  return __open_2(path, flags);
}
CKPT_HOOK int __openat_2(int folder, const char* path, int flags) {
  return open_through(folder, path, flags,
                      [&] { return CKPT_NEXT(__openat_2)(folder, path, flags); });
}
CKPT_HOOK int __openat64_2(int folder, const char* path, int flags) {
  return __openat_2(folder, path, flags);
}

CKPT_HOOK int creat(const char* path, mode_t mode) {
  return open_through(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC,
                      [&] { return CKPT_NEXT(creat)(path, mode); });
}
CKPT_HOOK int creat64(const char* path, mode_t mode) {
  return creat(path, mode);
}

template <class Call>
int make_through(char* pattern, Call call) {
  const int fd = on_name(Op::kOpen, AT_FDCWD, pattern, call);
  if (fd >= 0) ckptfault::leave_file(0, {fd, nullptr});
  return fd;
}

// The final name is not known before the call: the point carries the template. The descriptor is
// looked up at its first use.
// NOLINTBEGIN(bugprone-macro-parentheses): a list of parameters is no expression.
#define CKPT_MKSTEMP_HOOK(name, parameters, arguments)                       \
  CKPT_HOOK int name parameters {                                            \
    return make_through(pattern, [&] { return CKPT_NEXT(name) arguments; }); \
  }
// NOLINTEND(bugprone-macro-parentheses)
CKPT_MKSTEMP_HOOK(mkstemp, (char* pattern), (pattern))
CKPT_MKSTEMP_HOOK(mkstemp64, (char* pattern), (pattern))
CKPT_MKSTEMP_HOOK(mkostemp, (char* pattern, int flags), (pattern, flags))
CKPT_MKSTEMP_HOOK(mkostemp64, (char* pattern, int flags), (pattern, flags))
CKPT_MKSTEMP_HOOK(mkstemps, (char* pattern, int suffix), (pattern, suffix))
CKPT_MKSTEMP_HOOK(mkstemps64, (char* pattern, int suffix), (pattern, suffix))
CKPT_MKSTEMP_HOOK(mkostemps, (char* pattern, int suffix, int flags), (pattern, suffix, flags))
CKPT_MKSTEMP_HOOK(mkostemps64, (char* pattern, int suffix, int flags), (pattern, suffix, flags))

CKPT_HOOK char* mkdtemp(char* pattern) noexcept {
  return on_name(Op::kMkdir, AT_FDCWD, pattern, [&] { return CKPT_NEXT(mkdtemp)(pattern); });
}

CKPT_HOOK int rename(const char* from, const char* to) noexcept {
  return on_two_names(Op::kRename, AT_FDCWD, from, AT_FDCWD, to,
                      [&] { return CKPT_NEXT(rename)(from, to); });
}
CKPT_HOOK int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  return on_two_names(Op::kRename, from_folder, from, to_folder, to,
                      [&] { return CKPT_NEXT(renameat)(from_folder, from, to_folder, to); });
}
CKPT_HOOK int renameat2(int from_folder, const char* from, int to_folder, const char* to,
                        unsigned flags) noexcept {
  return on_two_names(Op::kRename, from_folder, from, to_folder, to, [&] {
    return CKPT_NEXT(renameat2)(from_folder, from, to_folder, to, flags);
  });
}

CKPT_HOOK int link(const char* from, const char* to) noexcept {
  return on_two_names(Op::kLink, AT_FDCWD, from, AT_FDCWD, to,
                      [&] { return CKPT_NEXT(link)(from, to); });
}
CKPT_HOOK int linkat(int from_folder, const char* from, int to_folder, const char* to,
                     int flags) noexcept {
  return on_two_names(Op::kLink, from_folder, from, to_folder, to,
                      [&] { return CKPT_NEXT(linkat)(from_folder, from, to_folder, to, flags); });
}
// What a symbolic link holds is text; the name that appears is the point's path.
CKPT_HOOK int symlink(const char* text, const char* name) noexcept {
  return on_name(Op::kLink, AT_FDCWD, name, [&] { return CKPT_NEXT(symlink)(text, name); });
}
CKPT_HOOK int symlinkat(const char* text, int folder, const char* name) noexcept {
  return on_name(Op::kLink, folder, name, [&] { return CKPT_NEXT(symlinkat)(text, folder, name); });
}

CKPT_HOOK int unlink(const char* name) noexcept {
  return remove_through(Op::kUnlink, AT_FDCWD, name, [&] { return CKPT_NEXT(unlink)(name); });
}
CKPT_HOOK int unlinkat(int folder, const char* name, int flags) noexcept {
  const Op op = (flags & AT_REMOVEDIR) != 0 ? Op::kRmdir : Op::kUnlink;
  return remove_through(op, folder, name, [&] { return CKPT_NEXT(unlinkat)(folder, name, flags); });
}
CKPT_HOOK int rmdir(const char* name) noexcept {
  return on_name(Op::kRmdir, AT_FDCWD, name, [&] { return CKPT_NEXT(rmdir)(name); });
}
// As libc does it, whose own two calls would not come by here.
CKPT_HOOK int remove(const char* name) noexcept {
  if (unlink(name) == 0) return 0;
  return errno == EISDIR ? rmdir(name) : -1;
}

CKPT_HOOK int mkdir(const char* name, mode_t mode) noexcept {
  return on_name(Op::kMkdir, AT_FDCWD, name, [&] { return CKPT_NEXT(mkdir)(name, mode); });
}
CKPT_HOOK int mkdirat(int folder, const char* name, mode_t mode) noexcept {
  return on_name(Op::kMkdir, folder, name, [&] { return CKPT_NEXT(mkdirat)(folder, name, mode); });
}

CKPT_HOOK int truncate(const char* name, off_t bytes) noexcept {
  const auto call = [&] { return CKPT_NEXT(truncate)(name, bytes); };
  if (!ckptfault::armed()) return call();
  ckptfault::RelativePath path;
  ckptfault::resolve(AT_FDCWD, name, path);
  if (!path.below()) return call();
  return ckptfault::changing({AT_FDCWD, name}, path.text, [&] {
    return ckptfault::counted(Op::kTruncate, path.text, nullptr, call);
  });
}
CKPT_HOOK int truncate64(const char* name, off64_t bytes) noexcept {
  return truncate(name, bytes);
}
