// What a save has written below a folder, seen from outside: files that are new or changed between
// two scans, in blocks on disk. Counts what lies there; a partly overwritten file counts whole, a
// file that was written and removed in between does not, which is why io_written_bytes() stands
// beside it. Plain values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/platform/files.h"

namespace ckptbench {

struct Written {
  uint64_t bytes = 0;                   // blocks on disk; a file with several names counts once
  std::vector<uint64_t> sizes;          // length of each file, those that changed last at the end
  bool in_place = false;                // a file of before was written again under its name
  std::vector<std::string> names = {};  // of those files, below the folder
};
Written written_between(const FolderScan& before, const FolderScan& after);

}  // namespace ckptbench
