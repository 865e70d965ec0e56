#include "harness/train/directory_watch.h"

#include <filesystem>

#include "faults/api/preload_library.h"

namespace ckptbench {
namespace {

// Blocks on disk change late, when the kernel allocates them.
bool same_file(const FileStamp& a, const FileStamp& b) {
  return a.inode == b.inode && a.bytes == b.bytes && a.changed_ns == b.changed_ns;
}

}  // namespace

void DirectoryWatch::take() {
  files_ = scan();
  changes_ = seen_changes().count;
  taken_ = true;
}

std::string DirectoryWatch::first_change() const {
  if (!taken_) return "";
  const FolderScan files = scan();
  for (const auto& [name, stamp] : files) {
    const auto before = files_.find(name);
    if (before == files_.end() || !same_file(before->second, stamp)) return name;
  }
  for (const auto& [name, stamp] : files_) {
    if (!files.contains(name)) return name;
  }
  const SeenChanges seen = seen_changes();
  if (seen.count == changes_) return "";
  const bool is_root = seen.last.empty() || seen.last == ".";
  return is_root ? "the checkpoint directory" : seen.last;
}

// What vanishes during the scan is left out: the next comparison shows it.
FolderScan DirectoryWatch::scan() const {
  std::error_code error;
  if (!std::filesystem::exists(directory_, error)) return {};
  auto found = scan_folder(directory_);
  if (!found) throw ExitError(ExitCode::kHarness, found.error().message);
  return std::move(found).value();
}

}  // namespace ckptbench
