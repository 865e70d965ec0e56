// Whether a folder changed by something that the preload library did not see: io_uring, raw system
// calls, stores to mapped memory, a child without the library. Kills between such changes prove
// nothing, so their trial is VACUOUS. Free functions; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "faults/api/fault_evidence.h"
#include "harness/core/digest.h"

namespace ckptbench {

// The regular files below a folder, by their path within it.
struct FolderContent {
  struct File {
    uint64_t nonzero_bytes = 0;
    Digest digest;
  };
  std::map<std::string, File> files;
};
// Reads every file. What cannot be read is left out.
FolderContent content_of(const std::string& folder);

// One sentence that names the first file that was mapped to be written, or whose bytes, or whose
// coming or going, no operation accounts for; empty: none. A write accounts for as many bytes that
// are not zero as it was given; they go where renames and links take the file. Overwriting what was
// there already is not counted: a file may change unseen as long as more bytes were written to it
// than it holds.
std::string unseen_change(const FolderContent& before, const FolderContent& after,
                          const FaultEvidence& seen);

}  // namespace ckptbench
