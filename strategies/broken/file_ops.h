// A file that the broken strategies write in pieces, one system call each, so that a file-operation
// fault has named points to hit. Errors name path and cause. No thread rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "harness/core/error.h"

namespace ckptbench {

// An open file, written in pieces; closed by the destructor.
class PieceFile {
 public:
  static Result<PieceFile> create(const std::string& path);  // existing content is kept
  PieceFile(PieceFile&& other) noexcept;
  PieceFile& operator=(PieceFile&&) = delete;
  ~PieceFile();

  // In writes of at most kWriteBytes each.
  Status write(std::span<const std::byte> bytes);
  // Where the next write goes.
  Status seek(uint64_t offset);
  Status resize(uint64_t bytes);
  Status sync();
  // The descriptor is the caller's from now on.
  int release();

 private:
  PieceFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  int fd_;
  std::string path_;
};

inline constexpr size_t kWriteBytes = 65536;

Status sync_directory(const std::string& path);

}  // namespace ckptbench
