// The limits of this machine's disk and memory, as the best simple program reaches them: what the
// throughput of a save or restore is a percentage of. Writes repeat the sequence of a save (see
// plain_files.h) without its encoding. All times in ns, without the preparation of the buffer,
// which is faulted in and incompressible.
//
// Threads: free functions, each with buffers, files and joined writer threads of its own; two at
// once would measure each other.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/measure/plain_files.h"

namespace ckptbench {

// `directory` exists, on the file system to be measured; files named probe-* are made in it and
// removed again, outside the time.

// Repeats a save, with new files; in place, with the files of an earlier pass outside the time.
Result<int64_t> probe_new_file(const std::string& directory, const PlainSave& save,
                               const ProbeOptions& options = {});
struct WriteTimes {
  int64_t new_file_ns = 0;
  int64_t overwrite_ns = 0;
};
// The same, and then over the extents that this has written, synced as the save does.
Result<WriteTimes> probe_writes(const std::string& directory, const PlainSave& save,
                                const ProbeOptions& options = {});

struct ReadRange {
  std::string path;
  uint64_t bytes = 0;  // from the beginning; at most the file's size
};
// Reads files that are there; from the disk where O_DIRECT is allowed or no page of them is cached.
Result<int64_t> probe_reads(const std::vector<ReadRange>& ranges, const ProbeOptions& options = {});

// Which shape is fastest depends on disk, kernel and size, so it is looked for where it is used.
std::vector<ProbeOptions> write_shapes();
std::vector<ProbeOptions> read_shapes();
// "4 threads, 1 MiB, direct, preallocated".
std::string shape_name(const ProbeOptions& shape);
// The `count` shapes of which one pass was fastest, the fastest first. Which of the best is so
// changes from pass to pass: who wants the limit probes more than one.
Result<std::vector<ProbeOptions>> fastest_new_files(const std::string& directory,
                                                    const PlainSave& save,
                                                    std::span<const ProbeOptions> shapes,
                                                    size_t count);

// One thread's copy between two touched buffers. Errors: no memory.
Result<int64_t> probe_memcpy(uint64_t bytes);

}  // namespace ckptbench
