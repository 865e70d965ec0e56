// Whether anything below a directory changed between two looks at it: names, inodes, sizes, times
// of modification. It sees what threads and child processes do, by whatever call. A rewrite of the
// same length within one tick of the file system's clock is not seen. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace ckptbench {

class DirectoryWatch {
 public:
  explicit DirectoryWatch(std::string directory) : directory_(std::move(directory)) {}

  // Remembers what lies there.
  void take();
  // The first file, relative to the directory, that was added, removed or changed since take().
  // Empty: none, or take() was never called.
  std::string first_change() const;

 private:
  struct Stamp {
    uint64_t inode = 0;
    int64_t bytes = 0;
    int64_t modified_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  using Files = std::map<std::string, Stamp>;
  Files scan() const;

  std::string directory_;
  bool taken_ = false;
  Files files_;
};

}  // namespace ckptbench
