#include "harness/measure/folder_scan.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "harness/platform/files.h"

namespace ckptbench {

Result<FolderScan> scan_folder(const std::string& folder) {
  const auto names = list_files(folder);
  if (!names) return names.error();
  FolderScan scan;
  for (const std::string& name : names.value()) {
    struct stat info {};
    if (::lstat((folder + "/" + name).c_str(), &info) != 0) continue;
    scan[name] = {.inode = info.st_ino,
                  .changed_ns = info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec,
                  .bytes = static_cast<uint64_t>(info.st_size),
                  .disk_bytes = static_cast<uint64_t>(info.st_blocks) * 512};
  }
  return scan;
}

Written written_between(const FolderScan& before, const FolderScan& after) {
  std::set<FileStamp, decltype([](const FileStamp& a, const FileStamp& b) {
             return std::tie(a.inode, a.changed_ns) < std::tie(b.inode, b.changed_ns);
           })>
      counted;
  for (const auto& [name, stamp] : before) counted.insert(stamp);
  std::vector<FileStamp> fresh;
  for (const auto& [name, stamp] : after) {
    if (counted.insert(stamp).second) fresh.push_back(stamp);
  }
  std::ranges::stable_sort(fresh, {}, &FileStamp::changed_ns);
  Written written;
  for (const FileStamp& stamp : fresh) {
    written.bytes += stamp.disk_bytes;
    written.sizes.push_back(stamp.bytes);
  }
  return written;
}

}  // namespace ckptbench
