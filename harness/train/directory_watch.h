// Whether anything below a directory changed between two looks at it: names, inodes, sizes, times
// of modification, and where the preload library counts in this process, any file operation, also
// one that leaves no trace. It sees what threads and child processes do, by whatever call. A
// rewrite of the same length within one tick of the file system's clock is not seen where nothing
// is counted. One thread.
#pragma once

#include <string>

#include "harness/platform/files.h"

namespace ckptbench {

class DirectoryWatch {
 public:
  explicit DirectoryWatch(std::string directory) : directory_(std::move(directory)) {}

  // Remembers what lies there. Throws ExitError(kHarness) where the directory cannot be read.
  void take();
  // The first file, relative to the directory, that was added, removed or changed since take(), or
  // that of the last operation. Empty: none, or take() was never called. Throws as take().
  std::string first_change() const;

 private:
  FolderScan scan() const;

  std::string directory_;
  bool taken_ = false;
  FolderScan files_;
  uint64_t changes_ = 0;  // as counted
};

}  // namespace ckptbench
