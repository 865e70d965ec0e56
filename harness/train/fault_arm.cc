#include "harness/train/fault_arm.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "faults/rule.h"
#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

constexpr int64_t kLateNs = 10'000'000'000;  // a kernel timer later than this is no timer

timespec to_timespec(int64_t ns) {
  return {ns / 1'000'000'000, ns % 1'000'000'000};
}

UniqueFd open_log(const std::string& path) {
  // Inherited on purpose: the preload library logs from forked writers too.
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (fd < 0) {
    throw ExitError(ExitCode::kHarness,
                    fmt::format("fault log {}: {}", path, std::strerror(errno)));
  }
  return UniqueFd(fd);
}

}  // namespace

FaultArm::~FaultArm() {
  if (has_timer_) ::timer_delete(timer_);
}

void FaultArm::arm(const Job& job, Trace& trace) {
  if (job.fault_log_path.empty()) return;
  const Fault& fault = job.cell.fault;
  log_ = open_log(job.fault_log_path);
  switch (fault.kind) {
    case Fault::Kind::kPhase:
      trace.arm_kill(fault.phase, fault.edge, fault.occurrence, log_.get());
      return;
    case Fault::Kind::kMoment:
      moment_ns_ = std::max<int64_t>(1, static_cast<int64_t>(job.moment_ns));
      return;
    case Fault::Kind::kNone:
    case Fault::Kind::kFileOp:
      arm_file_rule(job);
      return;
  }
}

void FaultArm::arm_file_rule(const Job& job) {
  // A union avoids the cast from object to function pointer that ISO C++ leaves open.
  union {
    void* object;
    CkptFaultArm function;
  } symbol{};
  symbol.object = ::dlsym(RTLD_DEFAULT, "ckptfault_arm");
  if (symbol.object == nullptr) {
    throw ExitError(ExitCode::kEnvironment,
                    "file operations cannot be counted: this process was started without the "
                    "preload library, expected LD_PRELOAD=libckptfault.so");
  }
  const bool kill = job.cell.fault.kind == Fault::Kind::kFileOp;
  const std::string rule = kill ? rule_text(job.cell.fault.rule) : "";
  if (symbol.function(job.checkpoint_dir.c_str(), rule.c_str(), log_.get()) != 0) {
    throw ExitError(ExitCode::kHarness,
                    fmt::format("the preload library refused the rule '{}'", rule));
  }
}

void FaultArm::save_requested() {
  if (moment_ns_ == 0) return;
  const std::string line =
      fmt::format("{{\"fault\":\"kill\",\"moment_ns\":{},\"pid\":{}}}\n", moment_ns_, ::getpid());
  if (::write(log_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    throw ExitError(ExitCode::kHarness, "the fault log cannot be written; nothing was armed");
  }
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGKILL;
  itimerspec when{};
  when.it_value = to_timespec(moment_ns_);
  due_ns_ = now_ns() + moment_ns_;
  if (::timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) {
    throw ExitError(ExitCode::kHarness, fmt::format("timer_create: {}", std::strerror(errno)));
  }
  has_timer_ = true;
  if (::timer_settime(timer_, 0, &when, nullptr) != 0) {
    throw ExitError(ExitCode::kHarness, fmt::format("timer_settime: {}", std::strerror(errno)));
  }
  moment_ns_ = 0;
}

void FaultArm::await_moment() {
  if (due_ns_ == 0) return;
  const timespec until = to_timespec(due_ns_ + kLateNs);
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
  throw ExitError(ExitCode::kHarness, "the armed moment passed, and no SIGKILL was delivered");
}

}  // namespace ckptbench
