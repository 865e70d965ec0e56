// Which file is meant: absolute, without "." and "..", relative to the root. Raw system calls only.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faults/file_op/preload/state.h"
#include "faults/file_op/preload/text.h"

namespace ckptfault {
namespace {

struct Roots {
  char given[kPathMax];  // as named, normalised
  char real[kPathMax];   // links resolved; may be the same
};
constinit Roots roots{};

// Appends the parts of `path` to the absolute `out`. False: too long.
bool append_parts(const char* path, char* out, size_t& length) {
  while (*path != '\0') {
    while (*path == '/') ++path;
    const char* begin = path;
    while (*path != '\0' && *path != '/') ++path;
    const size_t size = static_cast<size_t>(path - begin);
    if (size == 0 || (size == 1 && begin[0] == '.')) continue;
    if (size == 2 && begin[0] == '.' && begin[1] == '.') {
      while (length > 0 && out[--length] != '/') {
      }
      continue;
    }
    if (length + size + 2 > kPathMax) return false;
    out[length++] = '/';
    memcpy(out + length, begin, size);
    length += size;
  }
  out[length] = '\0';
  return true;
}

bool link_text(int fd, char* out) {
  char name[40];
  Line<39> line;
  line.add("/proc/self/fd/").add(static_cast<uint64_t>(fd));
  memcpy(name, line.data(), line.size());
  name[line.size()] = '\0';
  const long got = ::syscall(SYS_readlink, name, out, kPathMax - 1);
  if (got <= 0 || out[0] != '/') return false;
  out[got] = '\0';
  return true;
}

bool base_of(int folder_fd, const char* path, char* out) {
  if (path[0] == '/') {
    out[0] = '\0';
    return true;
  }
  if (folder_fd == AT_FDCWD) return ::syscall(SYS_getcwd, out, kPathMax) > 0 && out[0] == '/';
  return link_text(folder_fd, out);
}

bool below(const char* root, const char* path, RelativePath& out) {
  const size_t length = strlen(root);
  if (length == 0 || strncmp(path, root, length) != 0) return false;
  if (path[length] == '\0') {
    memcpy(out.text, ".", 2);
    return true;
  }
  if (path[length] != '/') return false;
  memcpy(out.text, path + length + 1, strlen(path + length + 1) + 1);
  return true;
}

bool below_either(const char* path, RelativePath& out) {
  return below(roots.given, path, out) || below(roots.real, path, out);
}

// A name outside may lead inside through a link: look where its folder really is.
void resolve_folder(char* path, RelativePath& out) {
  char* slash = strrchr(path, '/');
  if (slash == nullptr || slash == path) return;
  *slash = '\0';
  const int fd =
      static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
  if (fd < 0) return;
  char real[kPathMax];
  if (link_text(fd, real)) {
    size_t length = strlen(real);
    if (append_parts(slash + 1, real, length)) below_either(real, out);
  }
  ::syscall(SYS_close, fd);
}

struct MapLine {
  uint64_t begin = 0;
  uint64_t end = 0;
  const char* path = nullptr;  // null: not a file
};

uint64_t read_hex(const char*& text) {
  uint64_t value = 0;
  for (;; ++text) {
    const char c = *text;
    if (c >= '0' && c <= '9') {
      value = value * 16 + static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value * 16 + static_cast<uint64_t>(c - 'a' + 10);
    } else {
      return value;
    }
  }
}

// "7f00-7f01 rw-s 00000000 fe:00 123    /path"
MapLine parse_map_line(const char* text) {
  MapLine line;
  line.begin = read_hex(text);
  if (*text == '-') ++text;
  line.end = read_hex(text);
  line.path = strchr(text, '/');
  return line;
}

}  // namespace

void set_root(const char* absolute) {
  size_t length = 0;
  append_parts(absolute, roots.given, length);
  memcpy(roots.real, roots.given, sizeof roots.real);
  const int fd = static_cast<int>(
      ::syscall(SYS_openat, AT_FDCWD, roots.given, O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
  if (fd < 0) return;  // may be made later
  link_text(fd, roots.real);
  ::syscall(SYS_close, fd);
}

void resolve(int folder_fd, const char* path, RelativePath& out) {
  const KeepErrno keep;
  out.text[0] = '\0';
  char absolute[kPathMax];
  if (path == nullptr || path[0] == '\0' || !base_of(folder_fd, path, absolute)) return;
  size_t length = strlen(absolute);
  if (length == 1) length = 0;  // the base was "/"
  if (!append_parts(path, absolute, length)) return;
  if (!below_either(absolute, out)) resolve_folder(absolute, out);
}

void resolve_fd(int fd, RelativePath& out) {
  const KeepErrno keep;
  out.text[0] = '\0';
  char absolute[kPathMax];
  if (link_text(fd, absolute)) below_either(absolute, out);
}

void resolve_address(const void* address, RelativePath& out) {
  const KeepErrno keep;
  out.text[0] = '\0';
  const auto wanted = reinterpret_cast<uint64_t>(address);
  const long fd = ::syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return;
  char line[kPathMax];
  size_t used = 0;
  char block[4096];
  for (long got = 1; got > 0;) {
    got = ::syscall(SYS_read, fd, block, sizeof block);
    for (long i = 0; i < got; ++i) {
      const char c = block[i];
      if (c != '\n') {
        if (used + 1 < sizeof line) line[used++] = c;
        continue;
      }
      line[used] = '\0';
      used = 0;
      const MapLine map = parse_map_line(line);
      if (wanted < map.begin || wanted >= map.end) continue;
      if (map.path != nullptr) below_either(map.path, out);
      got = 0;
    }
  }
  ::syscall(SYS_close, fd);
}

}  // namespace ckptfault
