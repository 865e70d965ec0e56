#include "harness/platform/folder_walk.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

Error list_error(const fs::path& folder, const std::error_code& error) {
  return Error{fmt::format("list {}: {}", folder.string(), error.message())};
}

// Its entries are visited; those that are folders themselves go to `pending`.
Status visit_entries(fs::directory_iterator entry, const fs::path& folder, const VisitEntry& visit,
                     std::vector<fs::path>& pending) {
  std::error_code error;
  while (entry != fs::directory_iterator()) {
    struct stat info {};
    if (::lstat(entry->path().c_str(), &info) == 0) {
      visit(entry->path(), info);
      if (S_ISDIR(info.st_mode)) pending.push_back(entry->path());
    } else if (errno != ENOENT) {
      return Error{fmt::format("stat {}: {}", entry->path().string(), std::strerror(errno))};
    }
    entry.increment(error);
    if (error) return list_error(folder, error);
  }
  return {};
}

}  // namespace

Status walk_folder(const std::string& folder, const VisitEntry& visit) {
  std::vector<fs::path> pending{folder};
  for (bool top = true; !pending.empty(); top = false) {
    const fs::path next = std::move(pending.back());
    pending.pop_back();
    std::error_code error;
    fs::directory_iterator entries(next, error);
    if (error == std::errc::no_such_file_or_directory && !top) continue;
    if (error) return list_error(next, error);
    if (Status status = visit_entries(std::move(entries), next, visit, pending); !status)
      return status;
  }
  return {};
}

}  // namespace ckptbench
