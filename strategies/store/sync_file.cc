#include "strategies/store/sync_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace ckptbench {

IoStatus sync_file(const File& file) {
  while (::fsync(file.descriptor()) != 0) {
    if (errno != EINTR) return errno_error("fsync", file.path(), errno);
  }
  return {};
}

IoStatus move_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  const int error = errno;
  return errno_error(fmt::format("rename to {}", to), from, error);
}

}  // namespace ckptbench
