// The limits of this machine's disk and memory, as the best simple program reaches them: what a
// save's throughput is a percentage of. The same durability as DirStore's commit: O_DIRECT where
// the file system allows it, preallocated, fsync, rename, directory fsync. All times in ns, without
// the preparation of the source buffer, which is faulted in and incompressible.
//
// Threads: free functions, each with buffers, files and joined writer threads of its own; two at
// once would measure each other.
#pragma once

#include <cstdint>
#include <string>

#include "harness/core/error.h"

namespace ckptbench {

// Defaults: the fastest found where docs/format.md says so.
struct ProbeOptions {
  uint64_t threads = 4;
  uint64_t block_bytes = 1ULL << 20;  // a multiple of kStoreAlignment
  bool direct = true;
  bool fsync = true;
  bool preallocate = true;
};

// `directory` exists, on the file system to be measured; files named probe-* are made in it and
// removed again, outside the time. `bytes` of all `file_count` files together; both at least 1.

// Writes new files and makes them durable under their final names.
Result<int64_t> probe_new_file(const std::string& directory, uint64_t bytes, uint64_t file_count,
                               const ProbeOptions& options = {});
// Writes over the extents of files that an untimed pass has written, and makes the bytes durable.
Result<int64_t> probe_overwrite(const std::string& directory, uint64_t bytes, uint64_t file_count,
                                const ProbeOptions& options = {});
// Reads back files that an untimed pass has written; from the disk where O_DIRECT is allowed.
Result<int64_t> probe_read(const std::string& directory, uint64_t bytes, uint64_t file_count,
                           const ProbeOptions& options = {});
// One thread's copy between two touched buffers. Errors: no memory.
Result<int64_t> probe_memcpy(uint64_t bytes);

}  // namespace ckptbench
