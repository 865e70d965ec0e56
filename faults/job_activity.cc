#include "faults/job_activity.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "faults/file_op/preload/job_memory.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

// What the library's memory file is called among the descriptors of the process.
UniqueFd open_memory(pid_t process) {
  const std::string text = fmt::format("/memfd:{} (deleted)", ckptfault::kMemoryName);
  std::error_code error;
  fs::directory_iterator at(fmt::format("/proc/{}/fd", process), error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    std::error_code gone;
    if (fs::read_symlink(at->path(), gone) != text) continue;
    return UniqueFd(::open(at->path().c_str(), O_RDONLY | O_CLOEXEC));
  }
  return {};
}

}  // namespace

uint64_t JobActivity::look(pid_t root) {
  if (!memory_ && root > 0) memory_ = open_memory(root);
  uint64_t activity = 0;
  const off_t at = offsetof(ckptfault::JobMemory, activity);
  if (!memory_ || ::pread(memory_.get(), &activity, sizeof activity, at) != sizeof activity)
    return 0;
  return activity;
}

}  // namespace ckptbench
