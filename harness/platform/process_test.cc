#include "harness/platform/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <thread>

#include "harness/platform/files.h"
#include "harness/platform/proc.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

constexpr double kLongS = 20;  // ends a test that would hang; no test waits that long

SpawnOptions shell(const std::string& script) {
  SpawnOptions options;
  options.argv = {"sh", "-c", script};
  return options;
}

Process start(const SpawnOptions& options) {
  auto process = Process::spawn(options);
  if (!process) throw std::runtime_error(process.error().message);
  return std::move(process).value();
}

// Whether it runs no more; a zombie that init has yet to reap counts.
bool is_dead(pid_t pid) {
  const std::optional<ProcStat> stat = stat_of(pid);
  return !stat || stat->state == 'Z';
}

bool is_gone(pid_t pid) {
  const auto deadline = Until::seconds(kLongS).deadline;
  while (!is_dead(pid)) {
    if (Until::Clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

TEST(ProcessTest, ReportsExitCodesAndSignals) {
  Process seven = start(shell("exit 7"));
  ASSERT_EQ(seven.wait(Until::seconds(kLongS)), WaitEnd::kReady);
  EXPECT_TRUE(seven.status()->exited);
  EXPECT_EQ(seven.status()->exit_code, 7);
  Process killed = start(shell("kill -SEGV $$"));
  ASSERT_EQ(killed.wait(Until::seconds(kLongS)), WaitEnd::kReady);
  EXPECT_FALSE(killed.status()->exited);
  EXPECT_EQ(killed.status()->signal, SIGSEGV);
}

TEST(ProcessTest, ErrorsNameTheProgram) {
  SpawnOptions options;
  options.argv = {"no-such-program-here"};
  EXPECT_THAT(Process::spawn(options).error().message, HasSubstr("no-such-program-here"));
  options.argv = {"/no/such/program"};
  EXPECT_THAT(Process::spawn(options).error().message, HasSubstr("/no/such/program"));
  options = shell("true");
  options.out = Stdio::file("/no/such/folder/log");
  EXPECT_THAT(Process::spawn(options).error().message, HasSubstr("/no/such/folder/log"));
}

TEST(ProcessTest, WaitEndsAtTheDeadlineAndTheSignalArrives) {
  Process sleeper = start(shell("exec sleep 1000"));
  EXPECT_EQ(sleeper.wait(Until::seconds(0.02)), WaitEnd::kDeadline);
  EXPECT_FALSE(sleeper.status().has_value());
  ASSERT_TRUE(sleeper.signal(SIGTERM).ok());
  ASSERT_EQ(sleeper.wait(Until::seconds(kLongS)), WaitEnd::kReady);
  EXPECT_EQ(sleeper.status()->signal, SIGTERM);
  EXPECT_TRUE(sleeper.end_group(Until::seconds(kLongS)));
  EXPECT_FALSE(sleeper.signal(SIGTERM).ok());
}

TEST(ProcessTest, WaitEndsOnTheInterruptDescriptor) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd in(ends[0]);
  const UniqueFd out(ends[1]);
  ASSERT_EQ(::write(out.get(), "x", 1), 1);
  Process sleeper = start(shell("exec sleep 1000"));
  EXPECT_EQ(sleeper.wait(Until::seconds(kLongS, in.get())), WaitEnd::kInterrupted);
}

TEST(ProcessTest, GrandchildrenEndWithTheGroup) {
  SpawnOptions options = shell("sleep 1000 & echo $!; wait");
  options.out = Stdio::pipe();
  Process parent = start(options);
  const auto line = parent.read_line(Until::seconds(kLongS));
  ASSERT_TRUE(line.text.has_value());
  const pid_t grandchild = std::stoi(*line.text);
  EXPECT_EQ(::getpgid(grandchild), parent.pid());
  EXPECT_TRUE(parent.end_group(Until::seconds(kLongS)));
  EXPECT_TRUE(is_dead(grandchild));
  EXPECT_TRUE(parent.end_group(Until::seconds(0)));  // a second call is harmless
}

TEST(ProcessTest, DestructorLeavesNothingBehind) {
  pid_t child = 0;
  pid_t grandchild = 0;
  {
    SpawnOptions options = shell("sleep 1000 & echo $!; exit 0");
    options.out = Stdio::pipe();
    Process parent = start(options);
    child = parent.pid();
    grandchild = std::stoi(parent.read_line(Until::seconds(kLongS)).text.value());
    ASSERT_EQ(parent.wait(Until::seconds(kLongS)), WaitEnd::kReady);  // it outlives its parent
    EXPECT_FALSE(is_dead(grandchild));
    Process moved = std::move(parent);
    EXPECT_EQ(moved.pid(), child);
  }
  EXPECT_TRUE(is_gone(grandchild));
  EXPECT_EQ(::waitpid(child, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(ProcessTest, DiesWithItsParent) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t middle = ::fork();
  if (middle == 0) {
    Process grandchild = start(shell("exec sleep 1000"));
    const pid_t pid = grandchild.pid();
    if (::write(ends[1], &pid, sizeof pid) != sizeof pid) ::_exit(1);
    ::kill(::getpid(), SIGKILL);  // no destructor runs
  }
  ::close(ends[1]);
  const UniqueFd in(ends[0]);
  pid_t grandchild = 0;
  ASSERT_EQ(::read(in.get(), &grandchild, sizeof grandchild),
            static_cast<ssize_t>(sizeof grandchild));
  ASSERT_EQ(::waitpid(middle, nullptr, 0), middle);
  EXPECT_TRUE(is_gone(grandchild));
}

TEST(ProcessTest, LinesGoBothWays) {
  SpawnOptions options = shell("for i in 1 2; do read line; echo \"got $line\"; done; printf tail");
  options.in = Stdio::pipe();
  options.out = Stdio::pipe();
  Process server = start(options);
  EXPECT_EQ(server.read_line(Until::seconds(0.02)).end, WaitEnd::kDeadline);
  for (const std::string word : {"one", "two"}) {
    ASSERT_TRUE(server.write_line(word).ok());
    EXPECT_EQ(server.read_line(Until::seconds(kLongS)).text, "got " + word);
  }
  EXPECT_EQ(server.read_line(Until::seconds(kLongS)).text, "tail");
  const auto end = server.read_line(Until::seconds(kLongS));
  EXPECT_EQ(end.end, WaitEnd::kReady);
  EXPECT_FALSE(end.text.has_value());
}

TEST(ProcessTest, WritingToAChildThatIsGoneIsAnError) {
  SpawnOptions options = shell("exit 0");
  options.in = Stdio::pipe();
  Process gone = start(options);
  ASSERT_EQ(gone.wait(Until::seconds(kLongS)), WaitEnd::kReady);
  EXPECT_FALSE(gone.write_line("hello").ok());
}

TEST(ProcessTest, StdinIsEmptyUnlessAsked) {
  SpawnOptions options = shell("cat; echo end");
  options.out = Stdio::pipe();
  Process reader = start(options);
  EXPECT_EQ(reader.read_line(Until::seconds(kLongS)).text, "end");
}

TEST(ProcessTest, CommunicateMovesMoreThanAnyPipeHolds) {
  SpawnOptions options = shell("cat");
  options.in = Stdio::pipe();
  options.out = Stdio::pipe();
  Process cat = start(options);
  const std::string much(3 << 20, 'x');
  const auto answer = cat.communicate(much, Until::seconds(kLongS));
  EXPECT_EQ(answer.end, WaitEnd::kReady);
  EXPECT_EQ(answer.text, much);
  options = shell("exec sleep 1000");
  options.in = Stdio::pipe();
  options.out = Stdio::pipe();
  Process deaf = start(options);
  EXPECT_EQ(deaf.communicate(much, Until::seconds(0.05)).end, WaitEnd::kDeadline);
}

TEST(ProcessTest, FilesAndEnvironmentReachTheChild) {
  const TempDir folder = TempDir::make("process_test").value();
  const std::string log = folder.path() + "/log";
  ASSERT_TRUE(write_file_atomically(log, "before\n", Sync::kNo).ok());
  SpawnOptions options = shell("echo $CKPT_WORD; echo oops >&2; ls /proc/self/fd | wc -l");
  options.environment = {"CKPT_WORD=hello"};
  options.out = Stdio::file(log);
  options.err = Stdio::file(log);
  const UniqueFd leaked(::dup(2));  // inheritable, yet no child gets it
  Process child = start(options);
  ASSERT_EQ(child.wait(Until::seconds(kLongS)), WaitEnd::kReady);
  EXPECT_EQ(read_file(log).value(), "before\nhello\noops\n4\n");
}

}  // namespace
}  // namespace ckptbench
