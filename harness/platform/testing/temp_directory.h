// For tests: a TempDir (harness/platform/files.h) that throws where it cannot be made, and that
// joins names to its path. Threads: one at a time.
#pragma once

#include <stdexcept>
#include <string>

#include "harness/platform/files.h"

namespace ckptbench {

class TempDirectory {
 public:
  TempDirectory() : folder_(made()) {}
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::string& path() const { return folder_.path(); }
  std::string operator/(const std::string& name) const { return path() + "/" + name; }

 private:
  static TempDir made() {
    Result<TempDir> folder = TempDir::make("ckptbench-");
    if (!folder) throw std::runtime_error(folder.error().message);
    return std::move(folder).value();
  }

  TempDir folder_;
};

}  // namespace ckptbench
