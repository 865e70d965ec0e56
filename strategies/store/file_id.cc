#include "strategies/store/file_id.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace ckptbench {

IoResult<FileId> id_of(const File& open_file) {
  struct stat info {};
  if (::fstat(open_file.descriptor(), &info) != 0) {
    return errno_error("fstat", open_file.path(), errno);
  }
  return FileId{.device = info.st_dev, .inode = info.st_ino};
}

IoResult<FileId> id_at(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return errno_error("lstat", path, errno);
  return FileId{.device = info.st_dev, .inode = info.st_ino};
}

IoResult<OwnFile> OwnFile::of(const File& open_file) {
  const IoResult<FileId> id = id_of(open_file);
  if (!id) return id.error();
  OwnFile own;
  own.id_ = id.value();
  own.held_.reset(::fcntl(open_file.descriptor(), F_DUPFD_CLOEXEC, 0));
  if (!own.held_) return errno_error("fcntl", open_file.path(), errno);
  return own;
}

void OwnFile::remove_at(const std::string& path) const {
  if (is_at(id_at(path))) static_cast<void>(remove_file(path));
}

}  // namespace ckptbench
