// stdio writes from inside libc, where no hook reaches. So a stream that may write below the root
// is made of our own read, write, seek and close (fopencookie): buffering stays libc's, with the
// block size it would have chosen, and every byte that leaves passes the write hook. fileno()
// answers with the descriptor, because libstdc++'s file streams open with fopen and then write to
// that.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "faults/file_op/preload/hook.h"

namespace {

// One stream of ours. In a static table, not on the heap: libc hides its pointer to a cookie, so a
// leak checker would take a stream left open for a leak.
struct Stream {
  bool taken;
  FILE* file;  // null until the stream is made
  int fd;
  char* buffer;
};

struct Streams {
  static constexpr int kMax = 4096;
  Stream slots[kMax];
  int top;  // slots ever used
};
constinit Streams streams{};

// Null when all are taken.
Stream* take_slot() {
  for (int i = 0; i < Streams::kMax; ++i) {
    bool free = false;
    if (!__atomic_compare_exchange_n(&streams.slots[i].taken, &free, true, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED)) {
      continue;
    }
    int top = __atomic_load_n(&streams.top, __ATOMIC_RELAXED);
    while (top < i + 1 && !__atomic_compare_exchange_n(&streams.top, &top, i + 1, false,
                                                       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
    }
    return &streams.slots[i];
  }
  return nullptr;
}

void free_slot(Stream* stream) {
  ::free(stream->buffer);
  stream->buffer = nullptr;
  __atomic_store_n(&stream->taken, false, __ATOMIC_RELEASE);
}

Stream* find_stream(FILE* file) {
  const int top = __atomic_load_n(&streams.top, __ATOMIC_ACQUIRE);
  for (int i = 0; i < top; ++i) {
    Stream& stream = streams.slots[i];
    if (__atomic_load_n(&stream.file, __ATOMIC_ACQUIRE) == file) return &stream;
  }
  return nullptr;
}

ssize_t cookie_read(void* cookie, char* data, size_t bytes) {
  return ::read(static_cast<Stream*>(cookie)->fd, data, bytes);
}

ssize_t cookie_write(void* cookie, const char* data, size_t bytes) {
  size_t done = 0;
  while (done < bytes) {
    const ssize_t written = ::write(static_cast<Stream*>(cookie)->fd, data + done, bytes - done);
    if (written < 0) break;
    done += static_cast<size_t>(written);
  }
  return static_cast<ssize_t>(done);
}

int cookie_seek(void* cookie, off64_t* offset, int whence) {
  const off64_t at = ::lseek64(static_cast<Stream*>(cookie)->fd, *offset, whence);
  if (at < 0) return -1;
  *offset = at;
  return 0;
}

int cookie_close(void* cookie) {
  auto* stream = static_cast<Stream*>(cookie);
  const int result = ::close(stream->fd);
  free_slot(stream);
  return result;
}

// -1: not a mode that fopen knows.
int mode_flags(const char* mode) {
  int flags = mode[0] == 'w'   ? O_WRONLY | O_CREAT | O_TRUNC
              : mode[0] == 'a' ? O_WRONLY | O_CREAT | O_APPEND
              : mode[0] == 'r' ? O_RDONLY
                               : -1;
  if (flags < 0) return -1;
  for (const char* letter = mode + 1; *letter != '\0' && *letter != ','; ++letter) {
    if (*letter == '+') flags = (flags & ~O_ACCMODE) | O_RDWR;
    if (*letter == 'x') flags |= O_EXCL;
    if (*letter == 'e') flags |= O_CLOEXEC;
  }
  return flags;
}

// Owns the descriptor only when it succeeds.
FILE* make_stream(int fd, const char* mode) {
  Stream* stream = take_slot();
  if (stream == nullptr) {
    ckptfault::print_error("too many streams are open, none can be followed, mode", mode);
    errno = EMFILE;
    return nullptr;
  }
  struct stat info;
  const size_t block = ::fstat(fd, &info) == 0 && info.st_blksize > 0
                           ? static_cast<size_t>(info.st_blksize)
                           : size_t{BUFSIZ};
  stream->fd = fd;
  stream->buffer = static_cast<char*>(::malloc(block));
  FILE* file = ::fopencookie(stream, mode, {cookie_read, cookie_write, cookie_seek, cookie_close});
  if (file == nullptr) {
    free_slot(stream);
    return nullptr;
  }
  if (stream->buffer != nullptr) ::setvbuf(file, stream->buffer, _IOFBF, block);
  __atomic_store_n(&stream->file, file, __ATOMIC_RELEASE);
  return file;
}

template <class Next>
FILE* fopen_through(const char* name, const char* mode, Next next) {
  const int flags = mode_flags(mode);
  if (!ckptfault::armed() || flags < 0 || (flags & O_ACCMODE) == O_RDONLY) return next();
  ckptfault::RelativePath path;
  ckptfault::resolve(AT_FDCWD, name, path);
  if (!path.below()) return next();
  const int fd = ::open(name, flags, 0666);
  if (fd < 0) return nullptr;
  FILE* file = make_stream(fd, mode);
  if (file == nullptr) ::close(fd);
  return file;
}

template <class Next>
FILE* freopen_through(const char* name, FILE* file, Next next) {
  if (!ckptfault::armed() || name == nullptr) return next();
  ckptfault::RelativePath path;
  ckptfault::resolve(AT_FDCWD, name, path);
  if (!path.below()) return next();
  ckptfault::print_error("freopen: writes through this stream are not seen", name);
  (void)file;
  return ckptfault::counted(ckptfault::Op::kOpen, path.text, nullptr, next);
}

}  // namespace

CKPT_HOOK FILE* fopen(const char* name, const char* mode) {
  return fopen_through(name, mode, [&] { return CKPT_NEXT(fopen)(name, mode); });
}
CKPT_HOOK FILE* fopen64(const char* name, const char* mode) {
  return fopen_through(name, mode, [&] { return CKPT_NEXT(fopen64)(name, mode); });
}

CKPT_HOOK FILE* fdopen(int fd, const char* mode) noexcept {
  const int flags = mode_flags(mode);
  ckptfault::Descriptor found;
  const bool ours = ckptfault::armed() && flags >= 0 && (flags & O_ACCMODE) != O_RDONLY &&
                    ckptfault::find(fd, found) && found.may_write;
  return ours ? make_stream(fd, mode) : CKPT_NEXT(fdopen)(fd, mode);
}

CKPT_HOOK FILE* freopen(const char* name, const char* mode, FILE* file) {
  return freopen_through(name, file, [&] { return CKPT_NEXT(freopen)(name, mode, file); });
}
CKPT_HOOK FILE* freopen64(const char* name, const char* mode, FILE* file) {
  return freopen_through(name, file, [&] { return CKPT_NEXT(freopen64)(name, mode, file); });
}

CKPT_HOOK int fileno(FILE* file) noexcept {
  const Stream* stream = find_stream(file);
  return stream != nullptr ? stream->fd : CKPT_NEXT(fileno)(file);
}
CKPT_HOOK int fileno_unlocked(FILE* file) noexcept {
  return fileno(file);
}

CKPT_HOOK int fclose(FILE* file) {
  Stream* stream = find_stream(file);
  if (stream == nullptr) {
    // libc closes the descriptor by itself; its number may next be anything.
    ckptfault::forget(CKPT_NEXT(fileno)(file));
    return CKPT_NEXT(fclose)(file);
  }
  // First: the address may be given out again as soon as libc frees it.
  __atomic_store_n(&stream->file, nullptr, __ATOMIC_RELEASE);
  return CKPT_NEXT(fclose)(file);
}

CKPT_HOOK int closedir(DIR* folder) {
  ckptfault::forget(::dirfd(folder));
  return CKPT_NEXT(closedir)(folder);
}

CKPT_HOOK int vdprintf(int fd, const char* format, va_list list) {
  ckptfault::Descriptor found;
  if (!ckptfault::armed() || !ckptfault::find(fd, found)) {
    return CKPT_NEXT(vdprintf)(fd, format, list);
  }
  char* text = nullptr;
  const int length = ::vasprintf(&text, format, list);
  if (length < 0) return -1;
  const ssize_t written = ::write(fd, text, static_cast<size_t>(length));
  ::free(text);
  return written < 0 ? -1 : length;
}
CKPT_HOOK int dprintf(int fd, const char* format, ...) {
  va_list list;
  va_start(list, format);
  const int length = vdprintf(fd, format, list);
  va_end(list);
  return length;
}
CKPT_HOOK int __vdprintf_chk(int fd, int /*level*/, const char* format, va_list list) {
  return vdprintf(fd, format, list);
}
CKPT_HOOK int __dprintf_chk(int fd, int /*level*/, const char* format, ...) {
  va_list list;
  va_start(list, format);
  const int length = vdprintf(fd, format, list);
  va_end(list);
  return length;
}
