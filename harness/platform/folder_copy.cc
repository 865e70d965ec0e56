#include "harness/platform/folder_copy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path) {
  throw fs::filesystem_error("cannot be copied", path,
                             std::error_code(errno, std::generic_category()));
}

struct stat looked_at(const fs::path& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) fail(path);
  return found;
}

void set_times(const fs::path& path, const struct stat& as) {
  const std::array<timespec, 2> times{as.st_atim, as.st_mtim};
  if (::utimensat(AT_FDCWD, path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0) fail(path);
}

void copy_entry(const fs::path& from, const fs::path& to) {
  const struct stat found = looked_at(from);
  if (S_ISDIR(found.st_mode)) {
    fs::create_directories(to);
    for (const auto& entry : fs::directory_iterator(from)) {
      copy_entry(entry.path(), to / entry.path().filename());
    }
    fs::permissions(to, static_cast<fs::perms>(found.st_mode & 07777));
  } else if (S_ISREG(found.st_mode)) {
    fs::copy_file(from, to);
  } else if (S_ISLNK(found.st_mode)) {
    fs::copy_symlink(from, to);
  } else if (::mknod(to.c_str(), found.st_mode, found.st_rdev) != 0) {
    fail(from);
  }
  set_times(to, found);
}

}  // namespace

Status copy_folder(const std::string& from, const std::string& to) {
  try {
    copy_entry(from, to);
  } catch (const fs::filesystem_error& error) {
    return Error{fmt::format("{}: {}", error.path1().string(), error.code().message())};
  }
  return {};
}

}  // namespace ckptbench
