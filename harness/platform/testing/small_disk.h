// A disk of a few bytes: a tmpfs, which only root may mount. Tests only.
// Threads: one at a time.
#pragma once

#include <fmt/format.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {

class SmallDisk {
 public:
  explicit SmallDisk(uint64_t bytes) {
    const std::string options = fmt::format("size={}", bytes);
    if (mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, options.c_str()) != 0) error_ = errno;
  }
  ~SmallDisk() {
    if (error_ == 0) umount2(directory_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // Of the mount; 0: it is there.
  int error() const { return error_; }
  const TempDirectory& directory() const { return directory_; }

 private:
  TempDirectory directory_;
  int error_ = 0;
};

}  // namespace ckptbench
