// The files of one save, written by a program that knows no checkpoints: the sizes, the syncs, the
// renames and their order are those of the save, the bytes are noise. Probes time it, and the
// interference floor runs it beside training. Owns its files, which the destructor removes.
//
// Threads: one at a time; a pass joins the threads that it starts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"
#include "harness/platform/aligned_bytes.h"
#include "harness/platform/file.h"

namespace ckptbench {

// The shape of the requests. Defaults: the fastest found where docs/format.md says so.
struct ProbeOptions {
  uint64_t threads = 4;
  uint64_t block_bytes = 1ULL << 20;  // a multiple of kStoreAlignment
  bool direct = true;
  bool fsync = true;
  bool preallocate = true;
  // Empties and writes the files that are there, as a save does that knows one name only.
  bool in_place = false;
};

class PlainFiles {
 public:
  // `directory` exists. `sizes`: bytes of each file, in the order in which the save finished them;
  // the last of several is taken for the commit record. Files are named PREFIX-0, PREFIX-1, …
  PlainFiles(std::string directory, std::string_view prefix, std::vector<uint64_t> sizes,
             ProbeOptions options);
  ~PlainFiles();
  PlainFiles(const PlainFiles&) = delete;
  PlainFiles& operator=(const PlainFiles&) = delete;

  // Writes each file under a temporary name and syncs it, renames them all, syncs the directory;
  // then the commit record in the same way. What an earlier call has left is replaced. In place:
  // writes and syncs each file under its name, and nothing else.
  Status publish();
  // Writes over the files of an earlier publish() in place, and syncs them.
  Status overwrite();

  uint64_t bytes() const;

 private:
  std::string path_of(uint64_t index) const;
  std::string temporary_of(uint64_t index) const { return path_of(index) + ".tmp"; }
  std::byte* block_of(uint64_t thread) { return buffer_.get() + thread * options_.block_bytes; }
  bool is_record(uint64_t index) const { return sizes_.size() > 1 && index + 1 == sizes_.size(); }
  Status write_all(int flags);
  Status publish_range(uint64_t begin, uint64_t end);
  Status write_one(uint64_t index, const std::string& path, int flags);
  Status fill(File& file, uint64_t index, bool reserve);
  Status sync_directory() const;

  const std::string directory_;
  const std::string prefix_;
  const std::vector<uint64_t> sizes_;
  const ProbeOptions options_;
  AlignedBytes buffer_;
};

}  // namespace ckptbench
