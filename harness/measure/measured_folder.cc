#include "harness/measure/measured_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "harness/core/error.h"
#include "harness/platform/clock.h"
#include "harness/platform/files.h"

namespace ckptbench {

MeasuredFolder::MeasuredFolder(std::string path)
    : path_(std::move(path)), fd_(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (!fd_) throw ExitError(ExitCode::kEnvironment, path_ + ": " + std::strerror(errno));
}

FolderScan MeasuredFolder::scan() const {
  auto found = scan_folder(path_);
  if (!found) throw ExitError(ExitCode::kHarness, found.error().message);
  return std::move(found).value();
}

uint64_t MeasuredFolder::bytes() const {
  const auto bytes = disk_bytes(path_);
  if (!bytes) throw ExitError(ExitCode::kHarness, bytes.error().message);
  return bytes.value();
}

int64_t MeasuredFolder::sync() const {
  const int64_t begin_ns = now_ns();
  if (::syncfs(fd_.get()) != 0) {
    throw ExitError(ExitCode::kHarness, path_ + ": syncfs: " + std::strerror(errno));
  }
  return now_ns() - begin_ns;
}

}  // namespace ckptbench
