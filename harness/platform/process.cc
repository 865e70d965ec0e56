#include "harness/platform/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define BOOST_PROCESS_V2_SEPARATE_COMPILATION 1
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/process/v2/environment.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/src.hpp>
#include <boost/process/v2/stdio.hpp>
#include <cerrno>
#include <cstring>
#include <map>
#include <thread>

#include "harness/platform/proc.h"

namespace ckptbench {
namespace {

namespace bp = boost::process::v2;

Error last_error(std::string_view what) {
  return Error{fmt::format("{}: {}", what, std::strerror(errno))};
}

// In the child, between fork and exec: async-signal-safe calls only.
struct ChildSetup {
  pid_t parent;

  template <class Launcher>
  bp::error_code on_exec_setup(Launcher& /*launcher*/, const bp::filesystem::path& /*executable*/,
                               const char* const*(&/*command_line*/)) const {
    sigset_t none;
    sigemptyset(&none);
    const bool ready = ::setpgid(0, 0) == 0 && ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
                       ::signal(SIGPIPE, SIG_DFL) != SIG_ERR &&
                       ::sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
    if (!ready) return {errno, boost::system::system_category()};
    // The launcher means to close everything else but, in 1.81, leaves what lies between the
    // standard streams and its own pipe.
    if (::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) != 0) {
      return {errno, boost::system::system_category()};
    }
    // The parent may have died before the death signal was asked for.
    if (::getppid() != parent) return {ESRCH, boost::system::system_category()};
    return {};
  }
};

// Above the standard streams: dup2 onto itself would leave close-on-exec set in the child.
UniqueFd above_stdio(int fd) {
  if (fd < 0 || fd > 2) return UniqueFd(fd);
  const UniqueFd low(fd);
  return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

struct ChildStream {
  UniqueFd parent_end;
  UniqueFd child_end;  // none: inherited
};

Result<ChildStream> open_stream(const Stdio& stdio, bool child_reads, std::string_view name) {
  ChildStream stream;
  if (stdio.kind == Stdio::Kind::kInherit) return stream;
  if (stdio.kind == Stdio::Kind::kPipe) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return last_error(name);
    stream.child_end = above_stdio(ends[child_reads ? 0 : 1]);
    stream.parent_end = above_stdio(ends[child_reads ? 1 : 0]);
    return stream;
  }
  const bool null = stdio.kind == Stdio::Kind::kNull;
  const std::string path = null ? "/dev/null" : stdio.path;
  const int flags = child_reads ? O_RDONLY : O_WRONLY | O_CREAT | O_APPEND;
  stream.child_end = above_stdio(::open(path.c_str(), flags | O_CLOEXEC, 0644));
  if (!stream.child_end) return last_error(fmt::format("{} {}", name, path));
  return stream;
}

Result<bp::filesystem::path> find_program(const std::string& name) {
  bp::filesystem::path path = name;
  if (name.find('/') == std::string::npos) path = bp::environment::find_executable(name);
  if (path.empty()) return Error{fmt::format("{}: not found in PATH", name)};
  if (::access(path.c_str(), X_OK) != 0) return last_error(name);
  return path;
}

std::vector<std::string> merged_environment(const std::vector<std::string>& changes) {
  std::map<std::string, std::string> merged;
  const auto add = [&](const std::string& entry) {
    merged[entry.substr(0, entry.find('='))] = entry;
  };
  for (char** entry = environ; *entry != nullptr; ++entry) add(*entry);
  for (const std::string& entry : changes) add(entry);
  std::vector<std::string> out;
  for (auto& [name, entry] : merged) out.push_back(std::move(entry));
  return out;
}

// Returns the process id. The launcher returns once exec has succeeded or failed.
Result<pid_t> launch(const SpawnOptions& options, const bp::filesystem::path& program,
                     const ChildStream& in, const ChildStream& out, const ChildStream& err) {
  const std::vector<std::string> arguments(options.argv.begin() + 1, options.argv.end());
  bp::process_stdio streams;
  if (in.child_end) streams.in = in.child_end.get();
  if (out.child_end) streams.out = out.child_end.get();
  if (err.child_end) streams.err = err.child_end.get();
  std::vector<std::string> environment = merged_environment(options.environment);
  std::vector<const char*> pointers;
  for (const std::string& entry : environment) pointers.push_back(entry.c_str());
  pointers.push_back(nullptr);

  boost::asio::io_context context;
  bp::error_code error;
  bp::posix::default_launcher launcher;
  launcher.env = pointers.data();
  auto process =
      launcher(context.get_executor(), error, program, arguments, streams, ChildSetup{::getpid()});
  if (error)
    return Error{fmt::format("{}: cannot be started: {}", options.argv[0], error.message())};
  process.detach();  // reaped by this file through waitid
  return launcher.pid;
}

// Whether any member of the group still runs. Zombies that init has yet to reap do not count: they
// can take seconds and touch nothing any more.
bool group_runs(pid_t group) {
  if (::kill(-group, 0) != 0 && errno == ESRCH) return false;
  const std::vector<pid_t> processes = all_processes();
  if (processes.empty()) return true;  // could not look: assume the worst
  return std::ranges::any_of(processes, [&](pid_t process) {
    const auto stat = stat_of(process);
    return stat && stat->group == group && stat->state != 'Z' && stat->state != 'X';
  });
}

ExitStatus to_status(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return {true, info.si_status, 0};
  return {false, 0, info.si_status};
}

// Writing to a pipe without a reader must be an error here, not the death of the whole process,
// and not a change of the process's signal dispositions either.
ssize_t write_without_sigpipe(int fd, const char* data, size_t bytes) {
  sigset_t pipe_signal;
  sigset_t before;
  sigset_t pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  ::sigpending(&pending);
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  const ssize_t written = ::write(fd, data, bytes);
  const int error = errno;
  if (written < 0 && error == EPIPE && sigismember(&pending, SIGPIPE) == 0) {
    const timespec now{0, 0};
    while (::sigtimedwait(&pipe_signal, nullptr, &now) < 0 && errno == EINTR) {
    }
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return written;
}

}  // namespace

Result<Process> Process::spawn(const SpawnOptions& options) {
  if (options.argv.empty()) return Error{"spawn: no program named"};
  const auto program = find_program(options.argv[0]);
  if (!program) return program.error();
  auto in = open_stream(options.in, true, "stdin");
  if (!in) return in.error();
  auto out = open_stream(options.out, false, "stdout");
  if (!out) return out.error();
  if (options.err.kind == Stdio::Kind::kPipe) return Error{"spawn: stderr cannot be a pipe"};
  const auto err = open_stream(options.err, false, "stderr");
  if (!err) return err.error();
  const auto pid = launch(options, program.value(), in.value(), out.value(), err.value());
  if (!pid) return pid.error();
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid.value(), 0)));
  if (!pidfd) {
    const Error error = last_error("pidfd_open");
    ::kill(pid.value(), SIGKILL);
    ::waitpid(pid.value(), nullptr, 0);
    return error;
  }
  return Process(pid.value(), std::move(pidfd), std::move(in.value().parent_end),
                 std::move(out.value().parent_end));
}

Process::Process(pid_t pid, UniqueFd pidfd, UniqueFd in, UniqueFd out)
    : pid_(pid), pidfd_(std::move(pidfd)), in_(std::move(in)), out_(std::move(out)) {
  if (in_) ::fcntl(in_.get(), F_SETFL, O_NONBLOCK);
  if (out_) ::fcntl(out_.get(), F_SETFL, O_NONBLOCK);
}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    Process dying(std::move(*this));
    pid_ = std::move(other.pid_);
    reaped_ = other.reaped_;
    pidfd_ = std::move(other.pidfd_);
    in_ = std::move(other.in_);
    out_ = std::move(other.out_);
    unread_ = std::move(other.unread_);
    status_ = other.status_;
  }
  return *this;
}

Process::~Process() {
  if (pid_ < 0 || reaped_) return;
  kill_group();
  reap();
}

WaitEnd Process::wait(const Until& until) {
  if (status_) return WaitEnd::kReady;
  const WaitEnd end = wait_readable(pidfd_.get(), until);
  if (end != WaitEnd::kReady) return end;
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0) {
    if (errno != EINTR) throw ExitError(ExitCode::kHarness, last_error("waitid").message);
  }
  status_ = to_status(info);
  return WaitEnd::kReady;
}

Status Process::signal(int number) {
  if (::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0) == 0) return {};
  return last_error(fmt::format("signal {} to process {}", number, static_cast<pid_t>(pid_)));
}

void Process::kill_group() {
  if (!reaped_) ::kill(-pid_, SIGKILL);
}

void Process::reap() {
  if (reaped_) return;
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0 && errno == EINTR) {
  }
  status_ = to_status(info);
  reaped_ = true;
}

bool Process::end_group(const Until& until) {
  kill_group();
  reap();
  // There are no pidfds for a group: look again until it is empty.
  for (;;) {
    while (::waitpid(-pid_, nullptr, WNOHANG) > 0) {  // adopted ones, where we are their subreaper
    }
    if (!group_runs(pid_)) return true;
    if (Until::Clock::now() >= until.deadline) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

Status Process::write_line(std::string_view line) {
  std::string rest(line);
  rest += '\n';
  for (size_t done = 0; done < rest.size();) {
    const ssize_t written =
        write_without_sigpipe(in_.get(), rest.data() + done, rest.size() - done);
    if (written >= 0) {
      done += static_cast<size_t>(written);
    } else if (errno == EAGAIN) {
      wait_writable(in_.get(), Until::seconds(1));
    } else if (errno != EINTR) {
      return last_error(fmt::format("stdin of process {}", static_cast<pid_t>(pid_)));
    }
  }
  return {};
}

bool Process::read_more() {
  char buffer[1 << 16];
  const ssize_t got = ::read(out_.get(), buffer, sizeof buffer);
  if (got > 0) unread_.append(buffer, static_cast<size_t>(got));
  if (got < 0 && errno != EINTR && errno != EAGAIN) {
    throw ExitError(ExitCode::kHarness, last_error("stdout of a child process").message);
  }
  return got != 0;
}

Process::Line Process::read_line(const Until& until) {
  for (size_t searched = 0;;) {
    const size_t newline = unread_.find('\n', searched);
    if (newline != std::string::npos) {
      Line line{WaitEnd::kReady, unread_.substr(0, newline)};
      unread_.erase(0, newline + 1);
      return line;
    }
    searched = unread_.size();
    const WaitEnd end = wait_readable(out_.get(), until);
    if (end != WaitEnd::kReady) return {end, std::nullopt};
    if (read_more()) continue;
    if (unread_.empty()) return {WaitEnd::kReady, std::nullopt};
    return {WaitEnd::kReady, std::exchange(unread_, {})};
  }
}

Process::Answer Process::communicate(std::string_view input, const Until& until) {
  for (;;) {
    if (input.empty()) in_.reset();
    while (!input.empty()) {
      const ssize_t written = write_without_sigpipe(in_.get(), input.data(), input.size());
      if (written >= 0) input.remove_prefix(static_cast<size_t>(written));
      if (written < 0 && errno == EPIPE) input = {};  // it has read all that it wants
      if (written < 0 && errno == EAGAIN) break;
    }
    if (input.empty()) in_.reset();
    pollfd polled[3] = {{out_.get(), POLLIN, 0},
                        {in_ ? in_.get() : -1, POLLOUT, 0},
                        {until.interrupt_fd, POLLIN, 0}};
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until.deadline - Until::Clock::now());
    if (left.count() <= 0) return {WaitEnd::kDeadline, std::exchange(unread_, {})};
    ::poll(polled, 3, static_cast<int>(std::min<int64_t>(left.count(), 1'000'000)));
    if (polled[0].revents != 0 && !read_more()) break;
    if (polled[2].revents != 0) return {WaitEnd::kInterrupted, std::exchange(unread_, {})};
  }
  return {WaitEnd::kReady, std::exchange(unread_, {})};
}

}  // namespace ckptbench
