// What every hook needs: the next definition of its function, and the three steps around the call.
// A hook whose library is disarmed costs one load and one indirect call more than the libc
// function.
#pragma once

#include <dlfcn.h>
#include <sys/uio.h>

#include "faults/file_op/preload/stamps.h"
#include "faults/file_op/preload/state.h"

#define CKPT_HOOK extern "C" __attribute__((visibility("default")))

// The next `name` in the search order, usually libc's. Looked up at the first use; two threads that
// both look find the same.
#define CKPT_NEXT(name)                                                      \
  ([]() -> decltype(&::name) {                                               \
    static decltype(&::name) next = nullptr;                                 \
    if (__builtin_expect(next == nullptr, 0)) {                              \
      next = reinterpret_cast<decltype(&::name)>(::dlsym(RTLD_NEXT, #name)); \
    }                                                                        \
    return next;                                                             \
  }())

namespace ckptfault {

// Runs `call` between the log line and the kill of a point.
template <class Call>
auto counted(Op op, const char* path, const char* to, Call call, Manner manner = Manner::kPlain) {
  const Point point = begin(op, path, to, 0, manner);
  const auto result = call();
  end(point);
  return result;
}

// Runs `call` as one that may change the content or the times of a file below the root.
template <class Call>
auto changing(const Target& file, const char* path, Call call) {
  const uint32_t entered = enter_file(file, path);
  const auto result = call();
  leave_file(entered, file);
  return result;
}

// The same for one that takes a name away.
template <class Call>
auto removing(const Target& file, const char* path, Call call) {
  const uint32_t last = check_file(file, path);
  const auto result = call();
  if (result == 0) forget_file(last);
  return result;
}

// An operation on an open descriptor.
template <class Call>
auto on_descriptor(Op op, int fd, Call call, Manner manner = Manner::kPlain) {
  Descriptor file;
  if (!armed() || !find(fd, file)) return call();
  return changing({fd, nullptr}, file.path,
                  [&] { return counted(op, file.path, nullptr, call, manner); });
}

// An operation on a name.
template <class Call>
auto on_name(Op op, int folder_fd, const char* name, Call call) {
  if (!armed()) return call();
  RelativePath path;
  resolve(folder_fd, name, path);
  if (!path.below()) return call();
  return counted(op, path.text, nullptr, call);
}

// Writes that count; `call(limit)` writes at most `limit` bytes.
template <class Call>
ssize_t on_write(int fd, uint64_t bytes, Call call) {
  Descriptor file;
  if (!armed() || !find(fd, file) || !file.may_write) return call(bytes);
  return changing({fd, nullptr}, file.path, [&] {
    const Point point = begin(Op::kWrite, file.path, nullptr, bytes, manner_of(fd));
    if (point.act == Act::kPartial) {
      call(bytes > 1 ? bytes / 2 : bytes);
      kill_at(point, "partial");
    }
    const ssize_t result = call(bytes);
    end(point);
    return result;
  });
}

// The first `limit` bytes of a vector of buffers, for partial writes.
struct Prefix {
  static constexpr int kMaxBuffers = 1024;  // IOV_MAX
  iovec buffers[kMaxBuffers];
  int count = 0;
  Prefix(const iovec* from, int from_count, uint64_t limit) {
    for (; count < from_count && count < kMaxBuffers && limit > 0; ++count) {
      buffers[count] = from[count];
      if (buffers[count].iov_len > limit) buffers[count].iov_len = limit;
      limit -= buffers[count].iov_len;
    }
  }
};

inline uint64_t total_bytes(const iovec* buffers, int count) {
  uint64_t total = 0;
  for (int i = 0; i < count; ++i) total += buffers[i].iov_len;
  return total;
}

}  // namespace ckptfault
