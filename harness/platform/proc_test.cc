#include "harness/platform/proc.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "harness/platform/files.h"
#include "harness/platform/unique_fd.h"

namespace ckptbench {
namespace {

constexpr size_t kBytes = 64 << 20;

// Touches so many fresh pages and gives them back.
void touch(size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  std::memset(memory, 1, bytes);
  ::munmap(memory, bytes);
}

TEST(Proc, AChildIsPartOfTheTreeAndHasItsParent) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  const auto tree = process_tree(::getpid());
  EXPECT_EQ(tree.front(), ::getpid());
  EXPECT_NE(std::find(tree.begin(), tree.end(), child), tree.end());
  ASSERT_TRUE(stat_of(child));
  EXPECT_EQ(stat_of(child)->parent, ::getpid());
  EXPECT_TRUE(stat_of_thread(child, child));
  EXPECT_GE(tree_pss_bytes(::getpid()).value(), 1u);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(stat_of(child));
  EXPECT_FALSE(resident_bytes(child));
  EXPECT_FALSE(tree_pss_bytes(child));
}

// Writes `bytes` to a file of the folder, says so, and stays until it is killed.
pid_t start_writer(const std::string& folder, size_t bytes) {
  int said[2];
  EXPECT_EQ(::pipe(said), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string path = folder + "/of-a-child";
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT, 0644);
    const std::string data(bytes, 'x');
    const bool written = ::write(file, data.data(), bytes) == static_cast<ssize_t>(bytes);
    static_cast<void>(::write(said[1], written ? "1" : "0", 1));
    ::pause();
    ::_exit(0);
  }
  char answer = '0';
  EXPECT_EQ(::read(said[0], &answer, 1), 1);
  EXPECT_EQ(answer, '1');
  ::close(said[0]);
  ::close(said[1]);
  return child;
}

TEST(Proc, WhatAChildWritesCountsWhileItLivesAndOnceItIsReaped) {
  const auto folder = TempDir::make("proc-test");
  ASSERT_TRUE(folder) << folder.error().message;
  const auto before = io_written_bytes();
  if (!before) GTEST_SKIP() << before.error().message;
  const pid_t child = start_writer(folder.value().path(), kBytes);
  const auto alive = io_written_bytes();
  ::kill(child, SIGKILL);
  siginfo_t ended{};
  ::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
  const auto dead = io_written_bytes();
  ::waitpid(child, nullptr, 0);
  const auto reaped = io_written_bytes();
  ASSERT_TRUE(alive && dead && reaped);
  if (reaped.value() == before.value()) GTEST_SKIP() << "a file system that counts no bytes";
  for (const uint64_t each : {alive.value(), dead.value(), reaped.value()}) {
    EXPECT_GE(each, before.value() + kBytes);
    EXPECT_LT(each, before.value() + 2 * kBytes) << "counted twice";
  }
}

TEST(Proc, ChildrenThatComeAndGoLeaveTheCountOfWrittenBytesAlone) {
  const auto before = io_written_bytes();
  if (!before) GTEST_SKIP() << before.error().message;
  std::atomic<bool> stop = false;
  std::jthread parent([&] {
    while (!stop) {
      const pid_t child = ::fork();
      if (child == 0) ::_exit(0);
      ::waitpid(child, nullptr, 0);
    }
  });
  for (int i = 0; i < 50; ++i) {
    const auto now = io_written_bytes();
    ASSERT_TRUE(now) << now.error().message;
    EXPECT_GE(now.value(), before.value());
  }
  stop = true;
}

TEST(Proc, ThePeakRemembersWhatIsGoneUntilItIsReset) {
  touch(kBytes);
  const auto before = resident_bytes(::getpid());
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_GE(before.value().peak, before.value().now + kBytes / 2);
  const Status reset = reset_peak(::getpid());
  ASSERT_TRUE(reset) << reset.error().message;
  EXPECT_LT(resident_bytes(::getpid()).value().peak, before.value().now + kBytes / 2);
  touch(kBytes);
  EXPECT_GE(resident_bytes(::getpid()).value().peak, before.value().now + kBytes / 2);
}

TEST(Proc, AnOpenFileIsListedWithItsFlags) {
  const uint64_t before = open_descriptors();
  const UniqueFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(open_descriptors(), before + 1);
  const auto files = open_files();
  const auto found = std::find_if(files.begin(), files.end(), [](const OpenFile& each) {
    return each.path.ends_with("/platform_test");
  });
  ASSERT_NE(found, files.end());
  EXPECT_EQ(found->flags & O_ACCMODE, O_RDONLY);
}

TEST(Proc, ProcessorTimeIsKnownByWhoseItIs) {
  const auto before = cpu_use(::getpid());
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_GE(before.value().cores, 1U);
  timespec used{};
  const auto used_s = [&] {
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
  };
  const double begin_s = used_s();
  while (used_s() < begin_s + 0.1) {
  }
  const auto after = cpu_use(::getpid());
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_GT(after.value().tree_ns, before.value().tree_ns);
  EXPECT_GT(after.value().busy_ns, before.value().busy_ns);
  EXPECT_FALSE(after.value().kernel_ns.contains(::getpid()));
  EXPECT_GE(own_run_delay_ns().value(), 0);
  EXPECT_FALSE(stat_of(::getpid())->is_kernel);
}

// The eighth number of the first line; proc(5).
int64_t stolen_ticks() {
  std::ifstream file("/proc/stat");
  std::string word;
  for (int i = 0; i < 9; ++i) file >> word;
  return std::stoll(word);
}

TEST(Proc, WhatTheHostTookIsTheKernelsCount) {
  const int64_t tick_ns = 1'000'000'000 / ::sysconf(_SC_CLK_TCK);
  const int64_t before = stolen_ticks();
  const auto use = cpu_use(::getpid());
  const int64_t after = stolen_ticks();
  ASSERT_TRUE(use);
  EXPECT_GE(use.value().stolen_ns, before * tick_ns);
  EXPECT_LE(use.value().stolen_ns, after * tick_ns);
}

TEST(Proc, AgeGrowsAndHandlersAreSeen) {
  const auto first = own_age_ns();
  ASSERT_TRUE(first);
  EXPECT_GT(first.value(), 0);
  EXPECT_GE(own_age_ns().value(), first.value());
  EXPECT_FALSE(catches(::getpid(), SIGUSR2));
  ::signal(SIGUSR2, [](int) {});
  EXPECT_TRUE(catches(::getpid(), SIGUSR2));
  ::signal(SIGUSR2, SIG_DFL);
  EXPECT_TRUE(dirty_page_bytes());
}

}  // namespace
}  // namespace ckptbench
