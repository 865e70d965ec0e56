// What lies in a folder: the bytes of its files, as far as two such pictures are compared
// (unseen.h). Plain value; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "harness/core/digest.h"

namespace ckptbench {

// The regular files below a folder, by their path within it.
struct FolderContent {
  struct File {
    uint64_t nonzero_bytes = 0;
    Digest digest;
    // As in FileStampSeen.
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t changed_ns = 0;
    uint64_t bytes = 0;
  };
  std::map<std::string, File> files;
  std::string unread;  // the first thing that could not be read, and why; empty: all was
};

// Reads every file; links are not followed. What vanishes meanwhile, a strategy's own temporary
// file, is left out, and a folder that is not there is empty.
FolderContent content_of(const std::string& folder);

}  // namespace ckptbench
