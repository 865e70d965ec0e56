// Plain POSIX file operations of the broken strategies, one system call each where it matters, so
// that a file-operation fault has named points to hit. Errors name path and cause. No thread rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/core/error.h"

namespace ckptbench {
// Of the broken strategies alone: the store has functions of the same names.
inline namespace broken_files {

// An open file; closed by the destructor.
class OpenFile {
 public:
  static Result<OpenFile> create(const std::string& path);  // existing content is kept
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile();

  // In writes of at most kWriteBytes each.
  Status write(std::span<const std::byte> bytes);
  // Where the next write goes.
  Status seek(uint64_t offset);
  Status resize(uint64_t bytes);
  Status sync();
  // The descriptor is the caller's from now on.
  int release();

 private:
  OpenFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  int fd_;
  std::string path_;
};

inline constexpr size_t kWriteBytes = 65536;

Status rename_file(const std::string& from, const std::string& to);
Status remove_file(const std::string& path);
Status sync_directory(const std::string& path);
Result<std::vector<std::byte>> read_file(const std::string& path);

}  // namespace broken_files
}  // namespace ckptbench
