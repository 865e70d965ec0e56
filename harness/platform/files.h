// Small whole-file and whole-folder operations of the harness itself (jobs, reports, results). Not
// for checkpoints: strategies/store does those. Free functions over plain values; any thread.
// Errors are values that name the path and what the system said.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"

namespace ckptbench {

enum class Sync { kNo, kYes };  // kYes: fsync the file before the rename, the folder after it

// Writes `path` + a temporary suffix in the same folder, then renames: a reader sees the old
// content or the new one. The temporary is removed when anything fails.
Status write_file_atomically(const std::string& path, std::string_view content, Sync sync);

// The whole file; an error when it is larger than `limit_bytes`.
Result<std::string> read_file(const std::string& path, uint64_t limit_bytes = 1ull << 30);

// Bytes on disk (st_blocks * 512) of a folder and everything below it, links not followed, a file
// with several names counted once. Files that vanish while it looks count as gone.
Result<uint64_t> disk_bytes(const std::string& folder);

// Names of the regular files below a folder, relative to it, sorted; links not followed.
Result<std::vector<std::string>> list_files(const std::string& folder);

// What lies below a folder, by path relative to it: everything but folders, links not followed.
struct FileStamp {
  uint64_t inode = 0;
  int64_t changed_ns = 0;   // mtime
  uint64_t bytes = 0;       // length
  uint64_t disk_bytes = 0;  // blocks
  bool regular = true;
};
using FolderScan = std::map<std::string, FileStamp>;
// Files that vanish meanwhile are left out.
Result<FolderScan> scan_folder(const std::string& folder);

// A folder of one's own, removed with everything in it by the destructor. Moves only.
class TempDir {
 public:
  // Below `parent`, or below $TMPDIR or the system's folder for temporary files when empty.
  static Result<TempDir> make(std::string_view prefix, const std::string& parent = "");
  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&& other) noexcept;
  ~TempDir();

  const std::string& path() const { return path_; }
  // Keeps the folder: the destructor removes nothing.
  std::string release();

 private:
  explicit TempDir(std::string path) : path_(std::move(path)) {}
  void remove() noexcept;
  std::string path_;
};

}  // namespace ckptbench
