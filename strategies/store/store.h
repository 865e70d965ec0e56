// Where checkpoints live and how they become durable. No rename among the verbs: an object store
// has none. A write set is invisible to list() until commit() has published it.
// File names are local to a checkpoint ("r0000.safetensors"); the store adds what tells checkpoints
// apart. I/O errors are values; nothing here throws for them.
//
// Threads: begin, commit, list, get, read and drop from several at once, of different checkpoints;
// WriteSet::write from several at once, on ranges that do not overlap; the rest of a write set from
// one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/platform/alignment.h"
#include "harness/platform/io_result.h"

namespace ckptbench {

// The files of one checkpoint being written by one rank. Destroyed without commit: nothing of it
// ever becomes visible, and its leftovers are removed.
class WriteSet {
 public:
  virtual ~WriteSet() = default;
  // Fills bytes of a file of this set, in any order. Offsets and sizes are multiples of
  // kStoreAlignment but for the last bytes of a file. An address aligned to it too saves a copy.
  virtual Status write(const std::string& file, uint64_t offset,
                       std::span<const std::byte> bytes) = 0;
  // Makes all written files durable, as far as the store's row claims. Once; a failure is final.
  virtual Status sync() = 0;
  // Publishes the commit record: from here on list() shows it. REQUIRES: sync() succeeded. After
  // an error the destructor takes it back as far as the file system still lets it.
  virtual Status commit(std::span<const std::byte> manifest) = 0;
  // Whether a call has failed because there is no room: the same may succeed later.
  virtual bool lacked_room() const { return false; }
};

class Store {
 public:
  virtual ~Store() = default;
  // expected_bytes is a hint, at most what will be written. Errors: seq is taken or beyond
  // kMaxSeq; not a writer.
  virtual Result<std::unique_ptr<WriteSet>> begin(uint64_t seq, uint64_t expected_bytes) = 0;
  // The checkpoints that have a commit record, newest first. Names alone: no record is opened.
  virtual Result<std::vector<uint64_t>> list() = 0;
  // The commit record of one checkpoint as stored, not yet decoded. Errors: not there, larger than
  // kMaxManifestBytes, cannot be read.
  virtual IoResult<std::vector<std::byte>> get(uint64_t seq) = 0;
  // The first bytes of that record, at most `limit`.
  virtual IoResult<std::vector<std::byte>> get_first(uint64_t seq, uint64_t limit) {
    IoResult<std::vector<std::byte>> record = get(seq);
    if (record && record.value().size() > limit) record.value().resize(limit);
    return record;
  }
  // Exactly bytes.size() bytes of a file of checkpoint `seq`; short files are errors. Any offset
  // and size; fastest when offset, size and address are multiples of kStoreAlignment.
  virtual IoStatus read(uint64_t seq, const std::string& file, uint64_t offset,
                        std::span<std::byte> bytes) = 0;
  // Removes the commit record first, durably; then the files, except those named in `keep_files`,
  // which other checkpoints still refer to. May be called again for the same seq: after a failure
  // it deletes what is left, and once no checkpoint refers to the kept files, those too.
  virtual Status drop(uint64_t seq, std::span<const std::string> keep_files) = 0;
  // Numbers up to this one may not be used: opening has left files of it. 0: none.
  virtual uint64_t taken_up_to() const { return 0; }
};

}  // namespace ckptbench
