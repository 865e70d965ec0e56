#include "harness/run/scratch_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <span>

#include "harness/core/digest.h"
#include "harness/core/error.h"
#include "harness/platform/machine.h"
#include "harness/platform/unique_fd.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

// Others may write there too: a folder or link of that name that is not ours is not used.
bool make_private(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return true;
  struct stat found {};
  return errno == EEXIST && ::lstat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
         found.st_uid == ::geteuid();
}

bool opens_direct(const std::string& folder) {
  const std::string path = folder + "/direct-io-check";
  const UniqueFd file(::open(path.c_str(), O_CREAT | O_RDWR | O_DIRECT | O_CLOEXEC, 0600));
  ::unlink(path.c_str());
  return static_cast<bool>(file);
}

}  // namespace

void check_scratch(const std::string& given) {
  std::error_code error;
  if (given.empty() || fs::is_directory(given, error)) return;
  throw ExitError(ExitCode::kUsage,
                  fmt::format("--scratch {}: {}; expected an existing folder", given,
                              fs::exists(given, error) ? "is no folder" : "does not exist"));
}

ScratchFolder::ScratchFolder(const std::string& given, const std::string& out,
                             const std::string& memory)
    : path_(out) {
  if (!given.empty()) {
    check_scratch(given);
    path_ = fs::canonical(given).string();
    return;
  }
  const Filesystem there = filesystem_of(memory);
  if (there.type != "tmpfs" || there.free_bytes < kMinFreeBytes) return;
  const std::string name = to_hex(digest_of(bytes_of(out))).substr(0, 12);
  const std::string own = fmt::format("{}/ckptbench-{}", memory, name);
  if (!make_private(own)) return;
  path_ = own;
  own_ = true;
}

ScratchFolder::~ScratchFolder() {
  if (!own_) return;
  // What cannot be removed stays visible, and is removed by the next run into the same results.
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

nlohmann::json ScratchFolder::describe() const {
  return {{"folder", path_},
          {"file_system", filesystem_of(path_).type},
          {"direct_io", opens_direct(path_)}};
}

}  // namespace ckptbench
