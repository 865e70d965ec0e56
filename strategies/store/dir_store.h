// Checkpoints as flat files in one directory, readable by a person:
//   LEASE  ckpt-00000012.r0000.safetensors  ckpt-00000012.manifest
// Commit: data files under temporary names, fsync each, rename each, fsync the directory; manifest
// under a temporary name, fsync, rename, fsync the directory; only then does commit() return. So a
// manifest never names a file that a crash could still take away.
// Opening for writing takes the lease and removes what crashed writers left: unfinished files, and
// data files that no manifest needs (none at or below a manifest that cannot be read). Manifests
// are read for that only where some data file has no manifest of its own number beside it: those of
// higher numbers, newest first, until each such file is found; their digest is checked and their
// table of files read, no tensor decoded. What cannot be removed stays,
// and its number is not given again. Opening for reading takes no lease and changes nothing. A
// folder, link or device that bears a checkpoint's name is none of ours: it is never followed,
// read, replaced or removed, and its number is not given either. Only a link in the place of a
// manifest is listed, as one that cannot be read.
// Before it writes or deletes, and before each name that it gives, a writer checks that its lease
// is still that of the path: a directory that was moved away, or whose lease was removed, may have
// another writer.
//
// Threads: as store.h. Owns the lease and the directory's descriptors; outlives its write sets.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "harness/platform/file.h"
#include "strategies/format/names.h"
#include "strategies/store/lease.h"
#include "strategies/store/store.h"

namespace ckptbench {

struct DirStoreOptions {
  std::string directory;  // exists
  std::string run_id;     // for the lease
  bool writer = true;     // false: no lease, no clean-up; begin() and drop() are errors
  bool fsync = true;      // false: a checkpoint survives the process only
  bool direct = true;     // O_DIRECT where the file system allows it
};

class DirStore : public Store {
 public:
  // Errors: no such directory, another writer (by name).
  static Result<std::unique_ptr<DirStore>> open(DirStoreOptions options);

  Result<std::unique_ptr<WriteSet>> begin(uint64_t seq, uint64_t expected_bytes) override;
  Result<std::vector<uint64_t>> list() override;
  IoResult<std::vector<std::byte>> get(uint64_t seq) override;
  IoResult<std::vector<std::byte>> get_first(uint64_t seq, uint64_t limit) override;
  IoStatus read(uint64_t seq, const std::string& file, uint64_t offset,
                std::span<std::byte> bytes) override;
  Status drop(uint64_t seq, std::span<const std::string> keep_files) override;
  uint64_t taken_up_to() const override { return taken_up_to_; }

 private:
  friend class DirWriteSet;

  // Linux reports an error of the disk once to each open descriptor: with one for both, a deletion
  // would take away what a commit has to hear.
  struct Descriptors {
    File for_commits;
    File for_deletions;
  };
  DirStore(DirStoreOptions options, Descriptors directory, std::optional<Lease> lease);
  std::string path_of(uint64_t seq, std::string_view file) const;
  IoStatus sync_directory(File& directory) const;
  Status remove_leftovers();
  void remove_leftover(const StoredName& name);
  void take_number(uint64_t seq);
  Status remove_files(uint64_t seq, std::span<const std::string> keep_files);
  Result<std::vector<std::string>> files_of(uint64_t seq);
  void end_scan();
  Status remove_record(uint64_t seq);
  IoResult<std::shared_ptr<File>> open_for_reading(uint64_t seq, const std::string& file);
  void forget_readers();
  void forget_readers_but(std::span<const uint64_t> newest_first);

  DirStoreOptions options_;
  Descriptors directory_;
  std::optional<Lease> lease_;  // of a writer
  uint64_t taken_up_to_ = 0;
  std::mutex readers_mutex_;
  std::map<std::pair<uint64_t, std::string>, std::shared_ptr<File>> readers_;
  std::mutex unsynced_mutex_;
  std::set<uint64_t> unsynced_;  // records removed that a crash could still bring back
  using FilesBySeq = std::map<uint64_t, std::vector<std::string>>;
  std::mutex scan_mutex_;           // guards the two below
  std::optional<FilesBySeq> scan_;  // of all since the last save
  uint64_t saves_ = 0;
};

}  // namespace ckptbench
