// One data file of a checkpoint while it is written: O_DIRECT where the file system allows it,
// space preallocated ahead of the writers (writers that do not extend the file run at the same
// time), a tail of any length. Written under a temporary name; finish() makes the content durable.
//
// Threads: write() from several at once on ranges that do not overlap; the rest from one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>

#include "harness/core/error.h"
#include "harness/platform/file.h"

namespace ckptbench {

struct OutputOptions {
  bool direct = true;
  bool durable = true;          // fsync in finish()
  uint64_t expected_bytes = 0;  // a hint for the preallocation; 0: unknown
};

class OutputFile {
 public:
  OutputFile(File file, OutputOptions options);
  // Errors: every failed call; the file is there already.
  static IoResult<File> create(const std::string& path, const OutputOptions& options);

  // Offsets are multiples of kStoreAlignment, sizes too but for the last bytes of the file. An
  // address that is not aligned costs a copy. Errors: as above, and every failed call.
  IoStatus write(uint64_t offset, std::span<const std::byte> bytes);
  // Cuts the file to the bytes written, makes it durable and closes it.
  IoStatus finish();

  uint64_t bytes() const { return bytes_; }

 private:
  IoStatus reserve(uint64_t end);
  IoStatus preallocate(uint64_t end);
  IoStatus put(uint64_t offset, std::span<const std::byte> bytes);
  IoStatus put_copied(uint64_t offset, std::span<const std::byte> bytes);

  File file_;
  OutputOptions options_;
  std::mutex mutex_;          // guards the three below
  uint64_t bytes_ = 0;        // the end of the last byte written
  uint64_t allocated_ = 0;    // file size as preallocated
  bool preallocated_ = true;  // false once the file system has declined
};

}  // namespace ckptbench
