#include "faults/folder_content.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "harness/platform/unique_fd.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

std::error_code last_error() {
  return {errno, std::generic_category()};
}

void note_stamp(const struct stat& info, FolderContent::File& file) {
  file.device = uint64_t{major(info.st_dev)} << 32 | minor(info.st_dev);
  file.inode = info.st_ino;
  file.changed_ns = info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec;
  file.bytes = static_cast<uint64_t>(info.st_size);
}

std::error_code read_whole(const fs::path& path, std::string& text, FolderContent::File& file) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return last_error();
  note_stamp(info, file);
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got == 0) return {};
    if (got < 0 && errno != EINTR) return last_error();
    if (got > 0) text.append(buffer, static_cast<size_t>(got));
  }
}

// A recursive iterator ends where one folder cannot be opened: each is listed by itself.
class Reader {
 public:
  explicit Reader(const std::string& folder) : root_(folder) {}

  FolderContent read() {
    read_folder(root_);
    return std::move(content_);
  }

 private:
  void read_folder(const fs::path& folder) {
    std::error_code error;
    fs::directory_iterator at(folder, error);
    for (; !error && at != fs::directory_iterator(); at.increment(error)) read_entry(at->path());
    note(error, "list", folder);
  }

  void read_entry(const fs::path& path) {
    std::error_code error;
    const fs::file_type type = fs::symlink_status(path, error).type();
    if (type == fs::file_type::directory) return read_folder(path);
    if (type == fs::file_type::regular) return read_regular(path);
    note(error, "stat", path);
  }

  void read_regular(const fs::path& path) {
    std::string text;
    FolderContent::File file;
    const std::error_code error = read_whole(path, text, file);
    if (error) return note(error, "read", path);
    file.nonzero_bytes =
        text.size() - static_cast<uint64_t>(std::count(text.begin(), text.end(), '\0'));
    file.digest = digest_of(bytes_of(text));
    content_.files[path.lexically_relative(root_).string()] = file;
  }

  // What is gone by now, or has made place for something else, needs no word.
  void note(const std::error_code& error, std::string_view what, const fs::path& path) {
    const bool gone =
        error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
    if (!error || gone || !content_.unread.empty()) return;
    content_.unread = fmt::format("{} {}: {}", what, path.string(), error.message());
  }

  fs::path root_;
  FolderContent content_;
};

}  // namespace

FolderContent content_of(const std::string& folder) {
  return Reader(folder).read();
}

}  // namespace ckptbench
