#include "harness/platform/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>

#include "harness/platform/alignment.h"

namespace ckptbench {

constexpr uint64_t kSectorBytes = 512;

IoError errno_error(std::string_view call, const std::string& path, int error) {
  return {{fmt::format("{}: {} failed: {} ({})", path, call, strerror(error), error)},
          io_fault(call, error),
          error};
}

IoResult<File> File::open(const std::string& path, int flags) {
  return open_direct(path, flags, false);
}

IoResult<File> File::open_direct(const std::string& path, int flags, bool want_direct) {
  const bool regular = (flags & O_DIRECTORY) == 0;
  // O_NONBLOCK: opening a pipe would wait for its other end. It means nothing for a regular file.
  const int safe = O_CLOEXEC | (regular ? O_NOFOLLOW | O_NONBLOCK : 0);
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | safe, 0644);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return errno_error("open", path, errno);
  File file;
  file.fd_ = fd;
  file.path_ = path;
  file.opened_direct_ = want_direct && file.switch_to_direct();
  if (regular) {
    const IoStatus checked = file.check_regular();
    if (!checked) return checked.error();
  }
  return file;
}

// Not in the call that opens: where the file system refuses O_DIRECT, Linux has created the file by
// the time that it says so, and a second try would meet it.
bool File::switch_to_direct() const {
  const int flags = ::fcntl(fd_, F_GETFL);
  return flags >= 0 && ::fcntl(fd_, F_SETFL, flags | O_DIRECT) == 0;
}

IoStatus File::check_regular() const {
  struct stat info {};
  if (::fstat(fd_, &info) != 0) return errno_error("fstat", path_, errno);
  if (S_ISREG(info.st_mode)) return {};
  return damage_error(fmt::format("{}: {}, expected a regular file", path_,
                                  S_ISDIR(info.st_mode) ? "a folder" : "a device, pipe or socket"));
}

File::File(File&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      opened_direct_(other.opened_direct_),
      path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(opened_direct_, other.opened_direct_);
  std::swap(path_, other.path_);
  return *this;
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

IoStatus File::write_at(uint64_t offset, std::span<const std::byte> bytes) {
  bool retried = false;
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && (errno == EINTR || (errno == EINVAL && retry_without_direct(retried))))
      continue;
    if (count < 0) return errno_error("pwrite", path_, errno);
    if (count == 0) return environment_error(Error{fmt::format("{}: pwrite wrote nothing", path_)});
    offset += static_cast<uint64_t>(count);
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return {};
}

IoResult<uint64_t> File::read_some_at(uint64_t offset, std::span<std::byte> bytes) const {
  uint64_t done = 0;
  bool retried = false;
  while (done < bytes.size()) {
    const ssize_t count =
        ::pread(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && (errno == EINTR || (errno == EINVAL && retry_without_direct(retried))))
      continue;
    if (count < 0) return errno_error("pread", path_, errno);
    if (count == 0) break;
    done += static_cast<uint64_t>(count);
    // Within a sector a direct read stops only at the end of the file; asking on from there would
    // be refused.
    if (done % kSectorBytes != 0 && direct()) break;
  }
  return done;
}

IoStatus File::read_at(uint64_t offset, std::span<std::byte> bytes) const {
  const IoResult<uint64_t> count = read_some_at(offset, bytes);
  if (!count) return count.error();
  if (count.value() == bytes.size()) return {};
  return damage_error(fmt::format("{}: ends at byte {}, expected {} bytes at {}", path_,
                                  offset + count.value(), bytes.size(), offset));
}

IoStatus File::truncate(uint64_t bytes) {
  while (::ftruncate(fd_, static_cast<off_t>(bytes)) != 0) {
    if (errno != EINTR) return errno_error("ftruncate", path_, errno);
  }
  return {};
}

IoStatus File::sync() {
  while (::fsync(fd_) != 0) {
    if (errno != EINTR) return errno_error("fsync", path_, errno);
  }
  return {};
}

IoStatus File::close() {
  // After EINTR Linux has closed the descriptor already: a second close could hit another's.
  if (::close(std::exchange(fd_, -1)) == 0 || errno == EINTR) return {};
  return errno_error("close", path_, errno);
}

IoResult<uint64_t> File::size() const {
  struct stat info {};
  if (::fstat(fd_, &info) != 0) return errno_error("fstat", path_, errno);
  return static_cast<uint64_t>(info.st_size);
}

IoResult<FileId> File::id() const {
  struct stat info {};
  if (::fstat(fd_, &info) != 0) return errno_error("fstat", path_, errno);
  return FileId{.device = info.st_dev, .inode = info.st_ino};
}

bool File::direct() const {
  return (::fcntl(fd_, F_GETFL) & O_DIRECT) != 0;
}

// Once per transfer: another thread may have switched the descriptor over between this thread's
// call and its failure, so what the flags say by then tells nothing.
bool File::retry_without_direct(bool& retried) const {
  if (!opened_direct_ || std::exchange(retried, true)) return false;
  const int flags = ::fcntl(fd_, F_GETFL);
  return flags >= 0 && ::fcntl(fd_, F_SETFL, flags & ~O_DIRECT) == 0;
}

IoResult<FileId> id_at(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return errno_error("lstat", path, errno);
  return FileId{.device = info.st_dev, .inode = info.st_ino};
}

IoStatus rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  const int error = errno;
  return errno_error(fmt::format("rename to {}", to), from, error);
}

IoStatus rename_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  const int error = errno;
  const std::string call = fmt::format("rename to {}", to);
  if (error != EINVAL && error != ENOSYS) return errno_error(call, from, error);
  // NFS and old kernels.
  const IoResult<FileId> there = id_at(to);
  if (there) return errno_error(call, from, EEXIST);
  if (there.error().fault != IoFault::kNotThere) return there.error();
  return rename_file(from, to);
}

Status remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return errno_error("unlink", path, errno);
}

Status remove_regular_file(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? Status() : Status(errno_error("lstat", path, errno));
  }
  return S_ISREG(info.st_mode) ? remove_file(path) : Status();
}

namespace {

IoStatus visit_directory(const std::string& path,
                         const std::function<void(const dirent& entry)>& visit) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return errno_error("opendir", path, errno);
  errno = 0;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") visit(*entry);
    errno = 0;
  }
  const int error = errno;
  ::closedir(directory);
  if (error != 0) return errno_error("readdir", path, error);
  return {};
}

EntryKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return EntryKind::kFile;
  return S_ISLNK(mode) ? EntryKind::kLink : EntryKind::kOther;
}

}  // namespace

IoResult<std::vector<std::string>> directory_entries(const std::string& path) {
  std::vector<std::string> names;
  const IoStatus read =
      visit_directory(path, [&](const dirent& entry) { names.emplace_back(entry.d_name); });
  if (!read) return read.error();
  return names;
}

IoResult<std::vector<DirectoryEntry>> typed_directory_entries(const std::string& path) {
  std::vector<DirectoryEntry> entries;
  std::vector<std::string> unknown;
  const IoStatus read = visit_directory(path, [&](const dirent& entry) {
    if (entry.d_type == DT_UNKNOWN) {
      unknown.emplace_back(entry.d_name);
    } else {
      entries.push_back({entry.d_name, kind_of(DTTOIF(entry.d_type))});
    }
  });
  if (!read) return read.error();
  // Some file systems keep no kind beside the name.
  for (std::string& name : unknown) {
    const std::string full = path + "/" + name;
    struct stat info {};
    if (::lstat(full.c_str(), &info) == 0) {
      entries.push_back({std::move(name), kind_of(info.st_mode)});
    } else if (errno != ENOENT) {
      return errno_error("lstat", full, errno);
    }
  }
  return entries;
}

IoResult<std::vector<std::byte>> read_bytes(const std::string& path, uint64_t limit) {
  IoResult<File> file = File::open(path, O_RDONLY);
  if (!file) return file.error();
  const IoResult<uint64_t> size = file.value().size();
  if (!size) return size.error();
  if (size.value() > limit) {
    return damage_error(
        fmt::format("{}: {} bytes, expected at most {}", path, size.value(), limit));
  }
  std::vector<std::byte> bytes(size.value());
  const IoStatus status = file.value().read_at(0, bytes);
  if (!status) return status.error();
  return bytes;
}

IoResult<std::vector<std::byte>> read_first_bytes(const std::string& path, uint64_t limit) {
  IoResult<File> file = File::open(path, O_RDONLY);
  if (!file) return file.error();
  std::vector<std::byte> bytes(limit);
  const IoResult<uint64_t> count = file.value().read_some_at(0, bytes);
  if (!count) return count.error();
  bytes.resize(count.value());
  return bytes;
}

}  // namespace ckptbench
