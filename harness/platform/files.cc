#include "harness/platform/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include "harness/platform/file.h"
#include "harness/platform/folder_walk.h"
#include "harness/platform/unique_fd.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

Error system_error(std::string_view what, const std::string& path) {
  return Error{fmt::format("{} {}: {}", what, path, std::strerror(errno))};
}

// What has the name already is a leftover, of a process with the same id, or another writer's: it
// stays.
IoResult<File> create_beside(const std::string& path) {
  constexpr int kMostNames = 100;
  const std::string name = fmt::format("{}.{}", path, ::getpid());
  std::string temporary = name + ".tmp";
  for (int i = 1;; ++i) {
    IoResult<File> file = File::open(temporary, O_WRONLY | O_CREAT | O_EXCL);
    if (file || file.error().code != EEXIST || i == kMostNames) return file;
    temporary = fmt::format("{}.{}.tmp", name, i);
  }
}

Status write_and_close(File& file, std::string_view content, Sync sync) {
  if (Status status = file.write_at(0, std::as_bytes(std::span(content))); !status) return status;
  if (sync == Sync::kYes) {
    if (Status status = file.sync(); !status) return status;
  }
  return file.close();
}

Status sync_folder_of(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  IoResult<File> folder = File::open(parent.empty() ? "." : parent, O_RDONLY | O_DIRECTORY);
  if (!folder) return folder.error();
  return folder.value().sync();
}

}  // namespace

Status write_file_atomically(const std::string& path, std::string_view content, Sync sync) {
  IoResult<File> created = create_beside(path);
  if (!created) return created.error();
  const std::string temporary = created.value().path();
  Status status = write_and_close(created.value(), content, sync);
  if (status) status = rename_file(temporary, path);
  if (!status) {
    ::unlink(temporary.c_str());
    return status;
  }
  return sync == Sync::kYes ? sync_folder_of(path) : Status();
}

Result<std::string> read_file(const std::string& path, uint64_t limit_bytes) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_error("open", path);
  std::string content;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", path);
    if (got == 0) return content;
    content.append(buffer, static_cast<size_t>(got));
    if (content.size() > limit_bytes) {
      return Error{fmt::format("read {}: larger than the limit of {} bytes", path, limit_bytes)};
    }
  }
}

Result<uint64_t> disk_bytes(const std::string& folder) {
  struct stat root {};
  if (::lstat(folder.c_str(), &root) != 0) return system_error("stat", folder);
  uint64_t blocks = static_cast<uint64_t>(root.st_blocks);
  std::set<std::pair<dev_t, ino_t>> counted;
  const Status status = walk_folder(folder, [&](const fs::path&, const struct stat& info) {
    if (info.st_nlink > 1 && !S_ISDIR(info.st_mode) &&
        !counted.emplace(info.st_dev, info.st_ino).second) {
      return;
    }
    blocks += static_cast<uint64_t>(info.st_blocks);
  });
  if (!status) return status.error();
  return blocks * 512;
}

Result<FolderScan> scan_folder(const std::string& folder) {
  FolderScan scan;
  const Status walked = walk_folder(folder, [&](const fs::path& path, const struct stat& info) {
    if (S_ISDIR(info.st_mode)) return;
    scan[path.lexically_relative(folder).string()] = {
        .inode = info.st_ino,
        .changed_ns = info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec,
        .bytes = static_cast<uint64_t>(info.st_size),
        .disk_bytes = static_cast<uint64_t>(info.st_blocks) * 512,
        .regular = S_ISREG(info.st_mode)};
  });
  if (!walked) return walked.error();
  return scan;
}

Result<std::vector<std::string>> list_files(const std::string& folder) {
  std::vector<std::string> names;
  const Status status = walk_folder(folder, [&](const fs::path& path, const struct stat& info) {
    if (S_ISREG(info.st_mode)) names.push_back(path.lexically_relative(folder).string());
  });
  if (!status) return status.error();
  std::sort(names.begin(), names.end());
  return names;
}

Result<TempDir> TempDir::make(std::string_view prefix, const std::string& parent) {
  std::error_code error;
  const fs::path base = parent.empty() ? fs::temp_directory_path(error) : fs::path(parent);
  if (error) return Error{fmt::format("folder for temporary files: {}", error.message())};
  std::string pattern = (base / fmt::format("{}XXXXXX", prefix)).string();
  if (::mkdtemp(pattern.data()) == nullptr) return system_error("create folder", pattern);
  return TempDir(std::move(pattern));
}

TempDir::TempDir(TempDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}

TempDir& TempDir::operator=(TempDir&& other) noexcept {
  if (this != &other) {
    remove();
    path_ = std::exchange(other.path_, {});
  }
  return *this;
}

TempDir::~TempDir() {
  remove();
}

std::string TempDir::release() {
  return std::exchange(path_, {});
}

void TempDir::remove() noexcept {
  std::error_code ignored;  // a destructor cannot report it; the folder is a temporary one
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace ckptbench
