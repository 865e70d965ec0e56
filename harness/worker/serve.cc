#include "harness/worker/serve.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"
#include "harness/platform/proc.h"
#include "harness/platform/unique_fd.h"
#include "harness/worker/run_job.h"
#include "harness/worker/stacks.h"

namespace ckptbench {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw ExitError(ExitCode::kHarness, fmt::format("serve: {}: {}", what, std::strerror(errno)));
}

void send_line(const nlohmann::json& line) {
  const std::string text = json_text(line) + "\n";
  if (::write(STDOUT_FILENO, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    fail("standard output");
  }
}

struct Command {
  std::string job;
  std::string log;
  std::string stacks;
  bool kill = false;
};

Command parse_command(const std::string& line) {
  try {
    Command command;
    const nlohmann::json in = parse_json(line);
    JsonReader fields(in, "command");
    fields.field("job", command.job);
    fields.field("log", command.log);
    fields.field("stacks", command.stacks);
    fields.field("kill", command.kill);
    fields.done();
    return command;
  } catch (const std::exception& error) {
    throw ExitError(ExitCode::kUsage, fmt::format("serve: '{}': {}", line, error.what()));
  }
}

class Server {
 public:
  explicit Server(const MakeDevice& make_device) : make_device_(make_device) {
    // Orphans of a job become children of this process, so that none outlives `exited`.
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) fail("prctl");
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGCHLD);
    if (::sigprocmask(SIG_BLOCK, &signals_, nullptr) != 0) fail("sigprocmask");
    child_changes_.reset(::signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!child_changes_) fail("signalfd");
    stacks_.reset(::memfd_create("stacks", MFD_CLOEXEC));
    if (!stacks_) fail("memfd_create");
    install_stack_handler(stacks_.get());
  }

  void run() {
    send_line({{"ready", true}});
    bool more = true;
    while (more) {
      pollfd sources[] = {{STDIN_FILENO, POLLIN, 0}, {child_changes_.get(), POLLIN, 0}};
      if (::poll(sources, 2, -1) < 0 && errno != EINTR) fail("poll");
      if (sources[1].revents != 0) reap();
      if (sources[0].revents != 0) more = read_commands();
    }
    kill_child();
    finish_child();
  }

 private:
  bool read_commands() {
    char buffer[4096];
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) return true;
    if (got < 0) fail("standard input");
    if (got == 0) return false;
    input_.append(buffer, static_cast<size_t>(got));
    for (size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
      const std::string line = input_.substr(0, end);
      input_.erase(0, end + 1);
      handle(parse_command(line));
    }
    return true;
  }

  void handle(const Command& command) {
    if (!command.job.empty()) start(command);
    if (!command.stacks.empty() && child_ > 0) {
      const Status status = collect_stacks(child_, stacks_.get(), command.stacks);
      if (!status) throw ExitError(ExitCode::kHarness, status.error().message);
    }
    if (command.kill) kill_child();
  }

  void start(const Command& command) {
    if (child_ > 0) {
      throw ExitError(
          ExitCode::kUsage,
          fmt::format("serve: {} was asked for while process {} still runs", command.job, child_));
    }
    const pid_t server = ::getpid();
    child_ = ::fork();
    if (child_ < 0) fail("fork");
    if (child_ == 0) become_child(command, server);
    // Both sides set it: neither may act before it is so.
    ::setpgid(child_, child_);
    send_line({{"started", child_}});
  }

  [[noreturn]] void become_child(const Command& command, pid_t server) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != server) ::_exit(static_cast<int>(ExitCode::kHarness));
    ::sigprocmask(SIG_UNBLOCK, &signals_, nullptr);
    child_changes_.reset();
    redirect("/dev/null", O_RDONLY, {STDIN_FILENO});
    const std::string& log = command.log.empty() ? "/dev/null" : command.log;
    redirect(log, O_WRONLY | O_CREAT | O_APPEND, {STDOUT_FILENO, STDERR_FILENO});
    leave(run_job_to_exit_code(command.job, make_device_));
  }

  void redirect(const std::string& path, int flags, std::initializer_list<int> targets) {
    const UniqueFd file(::open(path.c_str(), flags, 0644));
    if (!file) {
      std::fprintf(stderr, "ckpt-worker: %s: %s\n", path.c_str(), std::strerror(errno));
      ::_exit(static_cast<int>(ExitCode::kHarness));
    }
    for (const int target : targets) ::dup2(file.get(), target);
  }

  void kill_child() {
    if (child_ > 0) ::kill(-child_, SIGKILL);
  }

  // Orphans are reaped as they end; the job itself ends the job.
  void reap() {
    signalfd_siginfo info{};
    while (::read(child_changes_.get(), &info, sizeof info) > 0) {
    }
    for (;;) {
      int status = 0;
      const pid_t ended = ::waitpid(-1, &status, WNOHANG);
      if (ended <= 0) return;
      if (ended == child_) {
        status_ = status;
        return finish_child();
      }
    }
  }

  // Kills and reaps until this process has no child left: each dead one hands its own to us.
  void finish_child() {
    if (child_ <= 0) return;
    ::kill(-child_, SIGKILL);
    for (;;) {
      int status = 0;
      const pid_t ended = ::waitpid(-1, &status, WNOHANG);
      if (ended == child_) status_ = status;
      if (ended > 0) continue;
      if (ended < 0 && errno == ECHILD) break;
      kill_what_is_left();
    }
    send_line({{"exited", child_}, {"status", status_}});
    child_ = 0;
    if (::ftruncate(stacks_.get(), 0) != 0 || ::lseek(stacks_.get(), 0, SEEK_SET) != 0) {
      fail("the stacks' memory file");
    }
  }

  void kill_what_is_left() {
    for (const pid_t process : process_tree(::getpid())) {
      if (process != ::getpid()) ::kill(process, SIGKILL);
    }
    const timespec wait{0, 200'000};
    ::sigtimedwait(&signals_, nullptr, &wait);
  }

  const MakeDevice& make_device_;
  sigset_t signals_{};
  UniqueFd child_changes_;
  UniqueFd stacks_;
  std::string input_;
  pid_t child_ = 0;
  int status_ = 0;
};

}  // namespace

ExitCode serve(const MakeDevice& make_device, Warm warm) {
  warm_up(warm);
  Server(make_device).run();
  return ExitCode::kOk;
}

}  // namespace ckptbench
