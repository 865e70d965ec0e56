#include "strategies/testing/file_ops_recorder.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <set>
#include <utility>

namespace ckptbench {
namespace {

std::atomic<bool> recording{false};
std::atomic<bool> no_direct{false};
std::atomic<bool> no_kinds{false};
std::atomic<uint64_t> reads_of_directories{0};
std::mutex mutex;
std::string directory;
std::string failing;
std::string refusing;
std::string failing_once_each;
std::set<int> failed_descriptors;
std::vector<std::string> lines;
constexpr int64_t kNever = -1;
int64_t syncs_to_failure = kNever;
int64_t operations_to_death = kNever;
FileOpsRecorder::Decide deciding;
thread_local bool is_deciding = false;

// Relative to the directory; empty: outside of it.
std::string name_of(const std::string& path) {
  if (path == directory) return ".";
  if (!path.starts_with(directory + "/")) return "";
  return path.substr(directory.size() + 1);
}

std::string name_of(int fd) {
  std::array<char, 4096> path{};
  const ssize_t size =
      ::readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), path.data(), path.size());
  return size < 0 ? "" : name_of(std::string(path.data(), static_cast<size_t>(size)));
}

// REQUIRES: mutex held.
void add(std::string line) {
  const bool again = line.starts_with("write ") && !lines.empty() && lines.back() == line;
  if (!again) lines.push_back(std::move(line));
}

void add_fd(const char* operation, int fd) {
  if (!recording) return;
  const std::lock_guard lock(mutex);
  const std::string name = name_of(fd);
  if (!name.empty()) add(fmt::format("{} {}", operation, name));
}

bool is_to_fail(int fd) {
  if (!recording) return false;
  const std::lock_guard lock(mutex);
  const std::string name = name_of(fd);
  if (name.empty()) return false;
  if (syncs_to_failure >= 0 && syncs_to_failure-- == 0) return true;
  if (name == failing_once_each && failed_descriptors.insert(fd).second) return true;
  return !failing.empty() && name == failing;
}

// REQUIRES: mutex held. True: this is the operation in which the process ends.
bool is_last(const std::string& name) {
  return !name.empty() && operations_to_death >= 0 && operations_to_death-- == 0;
}

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  while (true) ::pause();
}

bool is_last_fd(int fd) {
  if (!recording) return false;
  const std::lock_guard lock(mutex);
  return is_last(name_of(fd));
}

bool is_last_path(const char* path) {
  if (!recording) return false;
  const std::lock_guard lock(mutex);
  return is_last(name_of(std::string(path)));
}

// 0: go on; else the errno to fail with.
int decision(const char* operation, const std::string& name) {
  FileOpsRecorder::Decide decide;
  {
    const std::lock_guard lock(mutex);
    decide = deciding;
  }
  if (!decide || is_deciding || name.empty()) return 0;
  is_deciding = true;
  const int error = decide(fmt::format("{} {}", operation, name));
  is_deciding = false;
  return error;
}

// The same for a call on a descriptor.
int decision_on(const char* operation, int fd) {
  if (!recording) return 0;
  std::string name;
  {
    const std::lock_guard lock(mutex);
    if (deciding) name = name_of(fd);
  }
  return decision(operation, name);
}

bool is_to_refuse(int fd) {
  if (!recording) return false;
  const std::lock_guard lock(mutex);
  const int flags = ::fcntl(fd, F_GETFL);
  if (refusing.empty() || name_of(fd) != refusing || (flags & O_DIRECT) == 0) return false;
  refusing.clear();
  return ::fcntl(fd, F_SETFL, flags & ~O_DIRECT) == 0;
}

}  // namespace

FileOpsRecorder::FileOpsRecorder(std::string folder) {
  const std::lock_guard lock(mutex);
  directory = std::move(folder);
  lines.clear();
  failing.clear();
  refusing.clear();
  failing_once_each.clear();
  syncs_to_failure = operations_to_death = kNever;
  deciding = nullptr;
  no_direct = no_kinds = false;
  reads_of_directories = 0;
  recording = true;
}

FileOpsRecorder::~FileOpsRecorder() {
  recording = no_direct = no_kinds = false;
}

void FileOpsRecorder::note(const std::string& word) {
  const std::lock_guard lock(mutex);
  add(word);
}

void FileOpsRecorder::fail_fsync(const std::string& name) {
  const std::lock_guard lock(mutex);
  failing = name;
}

void FileOpsRecorder::fail_fsync_once_each(const std::string& name) {
  const std::lock_guard lock(mutex);
  failing_once_each = name;
  failed_descriptors.clear();
}

void FileOpsRecorder::refuse_direct_write(const std::string& name) {
  const std::lock_guard lock(mutex);
  refusing = name;
}

void FileOpsRecorder::know_no_direct() {
  no_direct = true;
}

void FileOpsRecorder::know_no_kinds() {
  no_kinds = true;
}

void FileOpsRecorder::fail_fsync_after(uint64_t passing) {
  const std::lock_guard lock(mutex);
  syncs_to_failure = static_cast<int64_t>(passing);
}

bool FileOpsRecorder::has_failed() const {
  const std::lock_guard lock(mutex);
  return syncs_to_failure < 0;
}

void FileOpsRecorder::kill_after(uint64_t passing) {
  const std::lock_guard lock(mutex);
  operations_to_death = static_cast<int64_t>(passing);
}

void FileOpsRecorder::decide(Decide decide) {
  const std::lock_guard lock(mutex);
  deciding = std::move(decide);
}

uint64_t FileOpsRecorder::directory_reads() const {
  return reads_of_directories;
}

std::vector<std::string> FileOpsRecorder::take() {
  const std::lock_guard lock(mutex);
  return std::exchange(lines, {});
}

namespace {

int decision_on_path(const char* operation, const char* path) {
  if (!recording) return 0;
  std::string name;
  {
    const std::lock_guard lock(mutex);
    name = name_of(std::string(path));
  }
  return decision(operation, name);
}

void add_names(const char* operation, const char* from, const char* to) {
  if (!recording) return;
  const std::lock_guard lock(mutex);
  const std::string name = name_of(std::string(from));
  if (name.empty()) return;
  add(to ? fmt::format("{} {} {}", operation, name, name_of(std::string(to)))
         : fmt::format("{} {}", operation, name));
}

}  // namespace
}  // namespace ckptbench

// The program's own definitions come before libc's.
extern "C" {

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
  ckptbench::add_fd("write", fd);
  if (ckptbench::is_last_fd(fd)) {
    // Whole blocks, which a direct write may be cut into too.
    syscall(SYS_pwrite64, fd, bytes, count / 2 / 4096 * 4096, offset);
    ckptbench::die();
  }
  if (ckptbench::is_to_refuse(fd)) {
    errno = EINVAL;
    return -1;
  }
  return syscall(SYS_pwrite64, fd, bytes, count, offset);
}

ssize_t write(int fd, const void* bytes, size_t count) {
  if (ckptbench::is_last_fd(fd)) {
    syscall(SYS_write, fd, bytes, count / 2);
    ckptbench::die();
  }
  return syscall(SYS_write, fd, bytes, count);
}

ssize_t pread(int fd, void* bytes, size_t count, off_t offset) {
  if (const int error = ckptbench::decision_on("read", fd)) {
    errno = error;
    return -1;
  }
  return syscall(SYS_pread64, fd, bytes, count, offset);
}

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = va_arg(more, mode_t);
  va_end(more);
  if (const int error = ckptbench::decision_on_path("open", path)) {
    errno = error;
    return -1;
  }
  const bool refused = ckptbench::no_direct && (flags & O_DIRECT) != 0;
  const int fd = static_cast<int>(
      syscall(SYS_openat, AT_FDCWD, path, refused ? flags & ~O_DIRECT : flags, mode));
  if (!refused || fd < 0) return fd;
  close(fd);
  errno = EINVAL;
  return -1;
}

int fcntl(int fd, int command, ...) {
  static const auto next = reinterpret_cast<int (*)(int, int, ...)>(::dlsym(RTLD_NEXT, "fcntl"));
  va_list more;
  va_start(more, command);
  void* const argument = va_arg(more, void*);
  va_end(more);
  if (ckptbench::no_direct && command == F_SETFL &&
      (reinterpret_cast<uintptr_t>(argument) & O_DIRECT) != 0) {
    errno = EINVAL;
    return -1;
  }
  return next(fd, command, argument);
}

dirent* readdir(DIR* directory) {
  static const auto next = reinterpret_cast<dirent* (*)(DIR*)>(::dlsym(RTLD_NEXT, "readdir"));
  dirent* const entry = next(directory);
  if (entry && ckptbench::no_kinds) entry->d_type = DT_UNKNOWN;
  if (!entry) ++ckptbench::reads_of_directories;
  return entry;
}

int fallocate(int fd, int mode, off_t offset, off_t bytes) {
  if (const int error = ckptbench::decision_on("fallocate", fd)) {
    errno = error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_fallocate, fd, mode, offset, bytes));
}

int fsync(int fd) {
  ckptbench::add_fd("fsync", fd);
  if (ckptbench::is_last_fd(fd)) ckptbench::die();
  if (const int error = ckptbench::decision_on("fsync", fd)) {
    errno = error;
    return -1;
  }
  if (ckptbench::is_to_fail(fd)) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(syscall(SYS_fsync, fd));
}

// The descriptor is closed whatever is reported, as on Linux. By the next definition and not by the
// system call: a sanitizer must learn that the number is free for another thread.
int close(int fd) {
  static const auto next = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "close"));
  const int error = ckptbench::decision_on("close", fd);
  const int closed = next(fd);
  if (error == 0) return closed;
  errno = error;
  return -1;
}

int rename(const char* from, const char* to) noexcept {
  ckptbench::add_names("rename", from, to);
  if (ckptbench::is_last_path(from)) ckptbench::die();
  if (const int error = ckptbench::decision_on_path("rename", from)) {
    errno = error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_rename, from, to));
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned flags) noexcept {
  ckptbench::add_names("rename", from, to);
  if (ckptbench::is_last_path(from)) ckptbench::die();
  if (const int error = ckptbench::decision_on_path("rename", from)) {
    errno = error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}

int unlink(const char* path) noexcept {
  ckptbench::add_names("unlink", path, nullptr);
  if (ckptbench::is_last_path(path)) ckptbench::die();
  if (const int error = ckptbench::decision_on_path("unlink", path)) {
    errno = error;
    return -1;
  }
  return static_cast<int>(syscall(SYS_unlink, path));
}
}
