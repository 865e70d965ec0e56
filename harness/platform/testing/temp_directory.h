// A folder of its own for one test, removed with everything in it. Tests only.
// Threads: one at a time.
#pragma once

#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace ckptbench {

class TempDirectory {
 public:
  TempDirectory() {
    path_ = (std::filesystem::temp_directory_path() / "ckptbench-XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr)
      throw std::runtime_error(fmt::format("mkdtemp {}", path_));
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace ckptbench
