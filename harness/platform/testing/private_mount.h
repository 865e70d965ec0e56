// A file system of a test's own, in a child process with a mount namespace of its own: nobody else
// sees it, and it goes with the child. Tests only.
// Threads: the caller has no other that holds a lock.
#pragma once

#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <fstream>
#include <functional>
#include <string>

#include "harness/platform/files.h"

namespace ckptbench {

// Who is not root becomes it in a user namespace, where the machine allows that.
inline bool enter_mount_namespace() {
  const uid_t user = ::geteuid();
  if (::unshare(CLONE_NEWNS) != 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    if (!(std::ofstream("/proc/self/uid_map") << fmt::format("0 {} 1\n", user))) return false;
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/gid_map") << fmt::format("0 {} 1\n", ::getegid());
  }
  return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

struct MountedRun {
  std::string refused;  // why nothing was run
  std::string failure;  // what `body` has returned
};

// Runs `body` in the child, with a file system of `type` at the folder `path`.
inline MountedRun run_mounted(const std::string& type, const std::string& path,
                              const std::function<std::string()>& body) {
  const Result<TempDir> answers = TempDir::make("ckptbench-mounted");
  if (!answers) return {.refused = "", .failure = answers.error().message};
  const std::string refused = answers.value().path() + "/refused";
  const std::string failure = answers.value().path() + "/failure";
  const pid_t child = ::fork();
  if (child == 0) {
    if (!enter_mount_namespace() ||
        ::mount(type.c_str(), path.c_str(), type.c_str(), 0, nullptr) != 0) {
      std::ofstream(refused) << "mounting a " << type << ": " << strerror(errno);
      ::_exit(0);
    }
    try {
      std::ofstream(failure) << body();
    } catch (const std::exception& error) {
      std::ofstream(failure) << error.what();
    }
    ::_exit(0);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) {
    return {.refused = "", .failure = fmt::format("the child ended with status {}", status)};
  }
  if (const Result<std::string> text = read_file(refused)) return {text.value(), ""};
  const Result<std::string> text = read_file(failure);
  return {"", text ? text.value() : text.error().message};
}

}  // namespace ckptbench
