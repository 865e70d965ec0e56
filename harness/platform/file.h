// Plain file calls with every errno turned into a Status that names the call, the path and the
// reason. Only libc calls, so that a preload library sees and can fail each of them. A File's
// own calls handle EINTR and short transfers; read_file (files.h), which also takes links, pipes
// and files of /proc, has a loop of its own.
//
// Threads: an open File may be read and written from several threads at once; opening, closing and
// moving it belong to one.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"
#include "harness/platform/io_result.h"

namespace ckptbench {

// "PATH: CALL failed: No space left on device (28)".
IoError errno_error(std::string_view call, const std::string& path, int error);

// Which file a path or a descriptor leads to. Unique as long as the file is held open.
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;

  friend bool operator==(const FileId&, const FileId&) = default;
};

// Owns a descriptor; closed on destruction (an error of that close is lost: call close()).
class File {
 public:
  File() = default;
  // flags as of open(2); O_CLOEXEC is added. mode 0644. Without O_DIRECTORY the path must name a
  // regular file: links are not followed, and anything else is an error without a wait.
  static IoResult<File> open(const std::string& path, int flags);
  // With O_DIRECT where the file system knows it, without where it does not: direct() tells.
  static IoResult<File> open_direct(const std::string& path, int flags, bool want_direct);
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  // Everything or an error. With O_DIRECT address, offset and size should suit it: where the file
  // system says that they do not, the file goes on through the page cache, and direct() tells.
  IoStatus write_at(uint64_t offset, std::span<const std::byte> bytes);
  // Exactly bytes.size() bytes; an end of file before that is an error.
  IoStatus read_at(uint64_t offset, std::span<std::byte> bytes) const;
  // Up to bytes.size() bytes: fewer only at the end of the file.
  IoResult<uint64_t> read_some_at(uint64_t offset, std::span<std::byte> bytes) const;
  IoStatus truncate(uint64_t bytes);
  IoStatus sync();
  IoStatus close();
  IoResult<uint64_t> size() const;
  IoResult<FileId> id() const;

  // Whether transfers bypass the page cache, asked of the kernel.
  bool direct() const;

  int descriptor() const { return fd_; }
  const std::string& path() const { return path_; }

 private:
  bool switch_to_direct() const;
  IoStatus check_regular() const;
  bool retry_without_direct(bool& retried) const;

  int fd_ = -1;
  bool opened_direct_ = false;
  std::string path_;
};

// Of the link itself, where the path is one.
IoResult<FileId> id_at(const std::string& path);
// Replaces what is at `to`.
IoStatus rename_file(const std::string& from, const std::string& to);
// Replaces nothing, whatever bears the name: that is an error. Where the file system knows no such
// rename, the name is looked up before: what another process puts there between is replaced.
IoStatus rename_new(const std::string& from, const std::string& to);
// A file that is not there is no error.
Status remove_file(const std::string& path);
// The same; what is not a regular file stays.
Status remove_regular_file(const std::string& path);
// All names but "." and "..", in no order.
IoResult<std::vector<std::string>> directory_entries(const std::string& path);
// The same with what bears each name; what vanishes meanwhile is left out.
enum class EntryKind { kFile, kLink, kOther };
struct DirectoryEntry {
  std::string name;
  EntryKind kind = EntryKind::kOther;
};
IoResult<std::vector<DirectoryEntry>> typed_directory_entries(const std::string& path);
// Whole file; larger than `limit` bytes is an error.
IoResult<std::vector<std::byte>> read_bytes(const std::string& path, uint64_t limit);

// The first bytes of a file, at most `limit`.
IoResult<std::vector<std::byte>> read_first_bytes(const std::string& path, uint64_t limit);

}  // namespace ckptbench
