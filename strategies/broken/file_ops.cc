#include "strategies/broken/file_ops.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace ckptbench {
namespace {

Error failure(std::string_view what, const std::string& path) {
  return Error{fmt::format("{} {}: {}", what, path, std::strerror(errno))};
}

}  // namespace

Result<PieceFile> PieceFile::create(const std::string& path) {
  const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
  if (fd < 0) return failure("open", path);
  return PieceFile(fd, path);
}

PieceFile::PieceFile(PieceFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

PieceFile::~PieceFile() {
  if (fd_ >= 0) ::close(fd_);
}

Status PieceFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), std::min(bytes.size(), kWriteBytes));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure("write", path_);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return {};
}

Status PieceFile::seek(uint64_t offset) {
  if (::lseek(fd_, static_cast<off_t>(offset), SEEK_SET) < 0) return failure("lseek", path_);
  return {};
}

Status PieceFile::resize(uint64_t bytes) {
  if (::ftruncate(fd_, static_cast<off_t>(bytes)) != 0) return failure("ftruncate", path_);
  return {};
}

Status PieceFile::sync() {
  if (::fsync(fd_) != 0) return failure("fsync", path_);
  return {};
}

int PieceFile::release() {
  return std::exchange(fd_, -1);
}

Status sync_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failure("open", path);
  const bool synced = ::fsync(fd) == 0;
  const int cause = errno;
  ::close(fd);
  errno = cause;
  if (!synced) return failure("fsync", path);
  return {};
}

}  // namespace ckptbench
