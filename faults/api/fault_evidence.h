// What the injectors of a job saw and did: the file operations below the checkpoint directory, and
// the evidence of the fault. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ckptbench {

struct FileOperation {
  std::string op;
  std::string path;         // relative to the checkpoint directory
  std::string to;           // the second name of a rename or a link; empty: none, or outside
  uint64_t occurrence = 0;  // of this operation on this path, from 1
  uint64_t bytes = 0;       // a write's
  bool direct = false;      // a write past the page cache (O_DIRECT)
  bool reserves = false;    // a truncate that sets space aside (fallocate)
  friend bool operator==(const FileOperation&, const FileOperation&) = default;
};

// What the operations that were seen left of a file, as of the end of the job.
struct FileStampSeen {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t changed_ns = 0;  // mtime
  uint64_t bytes = 0;
};

struct FaultEvidence {
  bool fired = false;
  std::string point;  // "before write a.tmp #3 (operation 12)"; "before phase sync #2"
  std::vector<FileOperation> operations;
  std::vector<std::string> mapped;  // files that were mapped to be written, shared; in their order
  std::vector<std::string> unseen;  // files that showed a change before one of the operations
  std::vector<FileStampSeen> stamps;  // empty: not kept, or operations came after them
};

}  // namespace ckptbench
