#include "harness/train/fault_arm.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "faults/api/preload_library.h"

namespace ckptbench {
namespace {

UniqueFd open_log(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) {
    throw ExitError(ExitCode::kHarness,
                    fmt::format("fault log {}: {}", path, std::strerror(errno)));
  }
  return UniqueFd(fd);
}

}  // namespace

void FaultArm::arm(const Job& job, Trace& trace, const FaultKinds& kinds) {
  if (!job.fault_log_path.empty()) arm_kind(job, trace, kinds);
  count_file_operations(job.checkpoint_dir);
}

void FaultArm::arm_kind(const Job& job, Trace& trace, const FaultKinds& kinds) {
  log_ = open_log(job.fault_log_path);
  armed_ = kinds.arm(job.cell.fault, {.directory = job.checkpoint_dir,
                                      .log_path = job.fault_log_path,
                                      .log_fd = log_.get(),
                                      .trace = trace});
}

FaultArm::~FaultArm() {
  if (log_) log_file_stamps();
}

void FaultArm::save_requested() {
  if (armed_) armed_->save_requested();
}

void FaultArm::await_end() {
  if (armed_) armed_->await_end();
}

}  // namespace ckptbench
