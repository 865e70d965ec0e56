// A file that this process has created, known under whatever name it has: the same name may be
// another writer's file by now. It is kept open: until then no other file can have its id.
// Threads: any, one at a time for each object.
#pragma once

#include <string>

#include "harness/platform/file.h"
#include "harness/platform/io_result.h"
#include "harness/platform/unique_fd.h"

namespace ckptbench {

class OwnFile {
 public:
  OwnFile() = default;
  // REQUIRES: just created. Where it cannot be held (no descriptor), it is removed: nobody would
  // know later whose it is.
  static IoResult<OwnFile> of(const File& open_file);
  bool is_at(const IoResult<FileId>& there) const { return there && there.value() == id_; }
  // Whatever else is at the path stays. Errors are left to who removes leftovers.
  void remove_at(const std::string& path) const;

 private:
  FileId id_;
  UniqueFd held_;
};

}  // namespace ckptbench
