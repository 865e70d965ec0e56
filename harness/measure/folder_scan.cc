#include "harness/measure/folder_scan.h"

#include <sys/stat.h>

#include <fstream>
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
  Written written;
  for (const auto& [name, stamp] : after) {
    if (!counted.insert(stamp).second) continue;
    written.bytes += stamp.disk_bytes;
    ++written.files;
  }
  return written;
}

namespace {

Result<uint64_t> io_counter(const std::string& name) {
  std::ifstream file("/proc/self/io");
  std::string key;
  uint64_t value = 0;
  while (file >> key >> value) {
    if (key == name + ":") return value;
  }
  return Error{"/proc/self/io: no " + name + ", expected a kernel with task I/O accounting"};
}

}  // namespace

Result<uint64_t> io_written_bytes() {
  return io_counter("write_bytes");
}

Result<uint64_t> io_read_bytes() {
  return io_counter("read_bytes");
}

}  // namespace ckptbench
