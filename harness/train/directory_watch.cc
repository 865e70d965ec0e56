#include "harness/train/directory_watch.h"

#include <sys/stat.h>

#include <filesystem>

namespace ckptbench {

void DirectoryWatch::take() {
  files_ = scan();
  taken_ = true;
}

std::string DirectoryWatch::first_change() const {
  if (!taken_) return "";
  const Files files = scan();
  for (const auto& [name, stamp] : files) {
    const auto before = files_.find(name);
    if (before == files_.end() || !(before->second == stamp)) return name;
  }
  for (const auto& [name, stamp] : files_) {
    if (!files.contains(name)) return name;
  }
  return "";
}

// What vanishes during the scan is left out: the next comparison shows it.
DirectoryWatch::Files DirectoryWatch::scan() const {
  namespace fs = std::filesystem;
  Files files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory_, error), end; !error && at != end;
       at.increment(error)) {
    struct stat status {};
    const std::string path = at->path().string();
    if (::lstat(path.c_str(), &status) != 0) continue;
    if (S_ISDIR(status.st_mode)) continue;
    files[path.substr(directory_.size() + 1)] = {
        status.st_ino, status.st_size,
        status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec};
  }
  return files;
}

}  // namespace ckptbench
