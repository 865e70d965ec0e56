// The files of one save, written by a program that knows no checkpoints: the sizes, the syncs, the
// renames and their order are those of the save, the bytes are noise. Probes time it, and the
// interference floor runs it beside training. Owns its files, which the destructor removes.
//
// Threads: one at a time; a pass joins the threads that it starts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"
#include "harness/measure/save_sequence.h"
#include "harness/platform/aligned_bytes.h"
#include "harness/platform/file.h"

namespace ckptbench {

// The shape of the requests. Defaults: the fastest found where docs/format.md says so.
struct ProbeOptions {
  uint64_t threads = 4;
  uint64_t block_bytes = 1ULL << 20;  // a multiple of kStoreAlignment
  bool direct = true;
  bool preallocate = true;
  // The last two only for files of which the sequence does not know the kind.
  bool as_saved = false;
};

class PlainFiles {
 public:
  // `directory` exists. The last of several files is taken for the commit record, which is small
  // and goes through the page cache, as that of the stores does, unless as_saved. They are named
  // PREFIX-0, PREFIX-1, …
  PlainFiles(std::string directory, std::string_view prefix, PlainSave save, ProbeOptions options);
  ~PlainFiles();
  PlainFiles(const PlainFiles&) = delete;
  PlainFiles& operator=(const PlainFiles&) = delete;

  // The steps of the save, one after another. A file that it renames is written under a temporary
  // name. What an earlier call has left is replaced, or written again where the save is in place.
  Status publish();
  // Writes over the files of an earlier publish() in place, and syncs those that the save syncs.
  Status overwrite();

  uint64_t bytes() const;

 private:
  // What the sequence does with one file, by the numbers of its steps.
  struct Uses {
    size_t last_write = 0;
    size_t last = 0;  // that needs it open
    bool synced = false;
    bool renamed = false;
  };
  // As far as a pass has come with it.
  struct Progress {
    std::optional<File> file = {};
    std::string path = {};
    uint64_t written = 0;
  };

  static std::vector<Uses> uses_of(const SaveSequence& sequence);
  uint64_t size_of(uint64_t index) const { return save_.sequence.sizes[index]; }
  std::string path_of(uint64_t index) const;
  std::string temporary_of(uint64_t index) const { return path_of(index) + ".tmp"; }
  std::byte* block_of(uint64_t thread) { return buffer_.get() + thread * options_.block_bytes; }
  WriteKind kind_of(uint64_t index) const;
  Status take(size_t step);
  Status write(size_t step);
  Status open_new(uint64_t index);
  Status open(uint64_t index, const std::string& path, int flags);
  Status write_up_to(uint64_t index, uint64_t end);
  Status rename(uint64_t index);
  Status overwrite_one(uint64_t index);
  Status reserve(const File& file, uint64_t bytes) const;
  Status sync_directory() const;

  const std::string directory_;
  const std::string prefix_;
  const PlainSave save_;
  const ProbeOptions options_;
  AlignedBytes buffer_;
  std::vector<Uses> uses_;
  std::vector<Progress> progress_;
};

}  // namespace ckptbench
