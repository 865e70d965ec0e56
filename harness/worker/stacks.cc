#include "harness/worker/stacks.h"

#include <execinfo.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <fstream>

#include "harness/platform/clock.h"
#include "harness/platform/files.h"
#include "harness/platform/proc.h"

namespace ckptbench {
namespace {

constexpr int kMaxFrames = 128;
constexpr int64_t kAnswerNs = 200'000'000;
constexpr std::string_view kEndMark = "-- end of stack\n";

std::atomic<int> stack_fd{2};
static_assert(std::atomic<int>::is_always_lock_free);

void write_stack(int) {
  const int saved_errno = errno;
  std::array<void*, kMaxFrames> frames;
  const int count = ::backtrace(frames.data(), kMaxFrames);
  const int fd = stack_fd.load();
  ::backtrace_symbols_fd(frames.data(), count, fd);
  [[maybe_unused]] const ssize_t told = ::write(fd, kEndMark.data(), kEndMark.size());
  errno = saved_errno;
}

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string header(pid_t process, pid_t thread) {
  const std::string folder = fmt::format("/proc/{}/task/{}/", process, thread);
  const auto stat = stat_of_thread(process, thread);
  const char state = stat ? stat->state : '?';
  return fmt::format("process {} thread {} ({}), state {}, waits in {}\n", process, thread,
                     first_line(folder + "comm"), state, first_line(folder + "wchan"));
}

off_t size_of(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 ? info.st_size : 0;
}

std::string read_range(int fd, off_t begin, off_t end) {
  std::string text(static_cast<size_t>(end - begin), '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), begin);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return text;
}

// The frames that this thread writes on the signal; a sentence when it does not.
std::string ask(pid_t process, pid_t thread, int output) {
  if (!catches(process, stack_signal())) return "  (it has no handler for the stack signal)\n";
  const off_t begin = size_of(output);
  if (::syscall(SYS_tgkill, process, thread, stack_signal()) != 0) return "  (it is gone)\n";
  const int64_t until_ns = now_ns() + kAnswerNs;
  while (now_ns() < until_ns) {
    const std::string text = read_range(output, begin, size_of(output));
    if (text.ends_with(kEndMark)) return text;
    const timespec pause{0, 1'000'000};
    ::nanosleep(&pause, nullptr);
  }
  return "  (it did not answer: it blocks the signal or waits uninterruptibly)\n";
}

}  // namespace

int stack_signal() {
  return SIGRTMIN + 1;
}

void install_stack_handler(int fd) {
  std::array<void*, 2> frames;
  ::backtrace(frames.data(), static_cast<int>(frames.size()));
  stack_fd.store(fd);
  struct sigaction action {};
  action.sa_handler = write_stack;
  action.sa_flags = SA_RESTART;
  ::sigaction(stack_signal(), &action, nullptr);
}

Status collect_stacks(pid_t root, int output, const std::string& path) {
  std::string text;
  for (const pid_t process : process_tree(root)) {
    for (const pid_t thread : threads_of(process)) {
      text += header(process, thread);
      text += ask(process, thread, output);
    }
  }
  return write_file_atomically(path, text, Sync::kNo);
}

}  // namespace ckptbench
