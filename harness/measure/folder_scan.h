// What a save has written below a folder, seen from outside: files that are new or changed between
// two scans, in blocks on disk. Counts what lies there; a partly overwritten file counts whole, a
// file that was written and removed in between does not, which is why io_written_bytes() stands
// beside it. Plain values; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "harness/core/error.h"

namespace ckptbench {

struct FileStamp {
  uint64_t inode = 0;
  int64_t changed_ns = 0;   // mtime
  uint64_t bytes = 0;       // length
  uint64_t disk_bytes = 0;  // blocks
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
using FolderScan = std::map<std::string, FileStamp>;  // by path relative to the folder

// Regular files, links not followed; those that vanish meanwhile are left out.
Result<FolderScan> scan_folder(const std::string& folder);

struct Written {
  uint64_t bytes = 0;           // blocks on disk; a file with several names counts once
  std::vector<uint64_t> sizes;  // length of each file, those that changed last at the end
};
Written written_between(const FolderScan& before, const FolderScan& after);

}  // namespace ckptbench
