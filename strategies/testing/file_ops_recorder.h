// The file operations that this process does, in their order: what a crash may leave depends on
// nothing else, and no kill can tell, since the page cache outlives the process. The operations
// themselves run as ever; an fsync can be made to fail, as a disk's would.
// Owned by one test at a time; recording itself may happen from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ckptbench {

class FileOpsRecorder {
 public:
  // Operations below `directory` from here on: "write NAME", "fsync NAME", "rename NAME NAME",
  // "unlink NAME"; the directory itself is ".". Writes of one file in a row count once.
  explicit FileOpsRecorder(std::string directory);
  ~FileOpsRecorder();
  FileOpsRecorder(const FileOpsRecorder&) = delete;
  FileOpsRecorder& operator=(const FileOpsRecorder&) = delete;

  // A word of the test's own, in its place among them.
  void note(const std::string& word);
  // Every fsync of this name fails with EIO.
  void fail_fsync(const std::string& name);
  // The next direct write of this name fails with EINVAL, and the descriptor is no longer direct by
  // then, as when another thread has met the same failure first.
  void refuse_direct_write(const std::string& name);
  // As a file system does that knows no O_DIRECT: a file to be created is there by the time that
  // the open fails.
  void know_no_direct();
  // As a file system does that keeps no kinds of files beside their names.
  void know_no_kinds();
  // As Linux reports an error of the disk: each descriptor's next fsync of this name fails with
  // EIO, once.
  void fail_fsync_once_each(const std::string& name);
  // The fsync that comes after `passing` others fails with EIO, whatever its name.
  void fail_fsync_after(uint64_t passing);
  // Whether it has come.
  bool has_failed() const;
  // This process is killed in the operation that comes after `passing` others: a write is done by
  // half, everything else not at all.
  void kill_after(uint64_t passing);
  // Asked before each open, read, fallocate, fsync, close, rename and unlink, as "open NAME": the
  // errno that it fails with, 0 to go on. It may work on files itself; those calls are not asked
  // about.
  using Decide = std::function<int(const std::string& operation)>;
  void decide(Decide decide);
  // How often a directory was read to its end, whichever it was.
  uint64_t directory_reads() const;
  // What was recorded since the last call.
  std::vector<std::string> take();
};

}  // namespace ckptbench
