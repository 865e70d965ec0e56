#include "strategies/store/own_file.h"

#include <fcntl.h>

#include <cerrno>

namespace ckptbench {

IoResult<OwnFile> OwnFile::of(const File& open_file) {
  const IoResult<FileId> id = open_file.id();
  if (!id) return id.error();
  OwnFile own;
  own.id_ = id.value();
  own.held_.reset(::fcntl(open_file.descriptor(), F_DUPFD_CLOEXEC, 0));
  if (own.held_) return own;
  const IoError error = errno_error("fcntl", open_file.path(), errno);
  own.remove_at(open_file.path());
  return error;
}

void OwnFile::remove_at(const std::string& path) const {
  if (is_at(id_at(path))) static_cast<void>(remove_file(path));
}

}  // namespace ckptbench
