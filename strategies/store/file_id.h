// Which file a path leads to: the same name may be another writer's file by now.
// Threads: any, one at a time for each OwnFile.
#pragma once

#include <sys/types.h>

#include <string>

#include "harness/platform/file.h"
#include "harness/platform/io_result.h"
#include "harness/platform/unique_fd.h"

namespace ckptbench {

struct FileId {
  dev_t device = 0;
  ino_t inode = 0;

  friend bool operator==(const FileId&, const FileId&) = default;
};

IoResult<FileId> id_of(const File& open_file);
// Of the link itself, where the path is one.
IoResult<FileId> id_at(const std::string& path);

// A file that this process has created, known under whatever name it has. It is kept open: until
// then no other file can have its id.
class OwnFile {
 public:
  OwnFile() = default;
  static IoResult<OwnFile> of(const File& open_file);
  bool is_at(const IoResult<FileId>& there) const { return there && there.value() == id_; }
  // Whatever else is at the path stays. Errors are left to who removes leftovers.
  void remove_at(const std::string& path) const;

 private:
  FileId id_;
  UniqueFd held_;
};

}  // namespace ckptbench
