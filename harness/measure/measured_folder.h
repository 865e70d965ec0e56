// The checkpoint folder of a measured cell, watched between the windows: what lies in it, and how
// long the file system needs until nothing of it waits for the disk. Owns a descriptor. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "harness/measure/written_files.h"
#include "harness/platform/unique_fd.h"

namespace ckptbench {

class MeasuredFolder {
 public:
  // Throws ExitError(kEnvironment) when it cannot be opened.
  explicit MeasuredFolder(std::string path);

  const std::string& path() const { return path_; }
  // All throw ExitError(kHarness) when the file system refuses.
  FolderScan scan() const;
  uint64_t bytes() const;  // on disk
  int64_t sync() const;    // syncfs; its time, ns

 private:
  std::string path_;
  UniqueFd fd_;
};

}  // namespace ckptbench
