// One child process: started in its own process group, dead when its parent dies, waited for by
// pidfd, and ended with its whole group at the latest by the destructor, so that nothing is left
// behind. The only part of ckptbench that knows Boost.Process.
//
// Threads: one owner at a time. The parent-death signal belongs to the *thread* that spawned: spawn
// from the main thread, or from one that outlives the child.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"
#include "harness/platform/unique_fd.h"
#include "harness/platform/until.h"

namespace ckptbench {

// Where a standard stream of the child leads.
struct Stdio {
  enum class Kind { kInherit, kNull, kPipe, kFile };
  Kind kind = Kind::kInherit;
  std::string path;  // kFile: read by stdin; created and appended to by stdout and stderr

  static Stdio null() { return {Kind::kNull, {}}; }
  static Stdio pipe() { return {Kind::kPipe, {}}; }
  static Stdio file(std::string path) { return {Kind::kFile, std::move(path)}; }
};

struct SpawnOptions {
  std::vector<std::string> argv;         // argv[0]: a path, or a name to look up in PATH
  std::vector<std::string> environment;  // "NAME=value": added to the parent's, or replacing there
  Stdio in = Stdio::null();
  Stdio out;
  Stdio err;  // kPipe is not offered: send it to a file
};

struct ExitStatus {
  bool exited = false;  // exit_code is meaningful
  int exit_code = 0;
  int signal = 0;  // not 0: died by it
};

class Process {
 public:
  // Errors name the program and what the system said.
  static Result<Process> spawn(const SpawnOptions& options);
  Process(Process&& other) noexcept = default;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  // Also the id of its process group.
  pid_t pid() const { return pid_; }

  // Waits for the process itself (not its descendants). It stays a zombie, and its group id taken,
  // until end_group() or the destructor.
  WaitEnd wait(const Until& until);
  // Set once wait() has returned kReady or end_group() has been called.
  const std::optional<ExitStatus>& status() const { return status_; }

  // To the process alone. An error when it has ended.
  Status signal(int number);
  // SIGKILL to the whole group. Harmless when all have ended.
  void kill_group();
  // SIGKILL to the whole group, then waits until none of it is left. Descendants that left the
  // group are not reached. False: some are still there at the deadline. Reaps; idempotent.
  bool end_group(const Until& until);

  // in = pipe: writes the line and a newline. An error when the child no longer reads.
  Status write_line(std::string_view line);

  // out = pipe: the next line without its newline. kReady and no line: the stream has ended; a last
  // line without a newline is given like any other.
  struct Line {
    WaitEnd end = WaitEnd::kReady;
    std::optional<std::string> text;
  };
  Line read_line(const Until& until);

  // in and out = pipe: writes the input, closes stdin and gathers stdout until it ends, whichever
  // side is slow. kReady: complete.
  struct Answer {
    WaitEnd end = WaitEnd::kReady;
    std::string text;
  };
  Answer communicate(std::string_view input, const Until& until);

 private:
  Process(pid_t pid, UniqueFd pidfd, UniqueFd in, UniqueFd out);
  void reap();
  // False: the stream has ended.
  bool read_more();

  // Owns the process; moved-from and reaped objects have none.
  class Pid {
   public:
    Pid() = default;
    explicit Pid(pid_t value) : value_(value) {}
    Pid(Pid&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Pid& operator=(Pid&& other) noexcept {
      value_ = std::exchange(other.value_, -1);
      return *this;
    }
    operator pid_t() const { return value_; }  // NOLINT(google-explicit-constructor)

   private:
    pid_t value_ = -1;
  };

  Pid pid_;
  bool reaped_ = false;
  UniqueFd pidfd_;
  UniqueFd in_;
  UniqueFd out_;
  std::string unread_;
  std::optional<ExitStatus> status_;
};

}  // namespace ckptbench
