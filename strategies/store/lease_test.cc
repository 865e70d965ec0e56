#include "strategies/store/lease.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>

#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

TEST(Lease, SecondWriterLearnsWhoHoldsIt) {
  const TempDirectory directory;
  const Result<Lease> first = Lease::acquire(directory.path(), "run-a");
  ASSERT_TRUE(first) << first.error().message;
  const Result<Lease> second = Lease::acquire(directory.path(), "run-b");
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr(directory / "LEASE"));
  EXPECT_THAT(second.error().message, HasSubstr(fmt::format("pid {} run run-a", getpid())));
}

TEST(Lease, IsReleasedByItsDestructor) {
  const TempDirectory directory;
  { ASSERT_TRUE(Lease::acquire(directory.path(), "a long run id of the first holder")); }
  ASSERT_TRUE(Lease::acquire(directory.path(), "b"));
  std::ifstream file(directory / "LEASE");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text, fmt::format("pid {} run b\n", getpid()));
}

// A child that only inherits the descriptor, as a helper process of a data loader does.
TEST(Lease, AForkedChildDoesNotKeepItBeyondItsDestructor) {
  const TempDirectory directory;
  std::optional<Lease> lease(std::move(Lease::acquire(directory.path(), "parent")).value());
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(1);
  }
  EXPECT_FALSE(Lease::acquire(directory.path(), "second"));
  lease.reset();
  const Result<Lease> again = Lease::acquire(directory.path(), "again");
  EXPECT_EQ(again ? "acquired" : again.error().message, "acquired");
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

// Its copy of the object ends too: the lease is the parent's.
TEST(Lease, AForkedChildDoesNotGiveItUp) {
  const TempDirectory directory;
  std::optional<Lease> lease(std::move(Lease::acquire(directory.path(), "parent")).value());
  const pid_t child = fork();
  if (child == 0) {
    lease.reset();
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  EXPECT_FALSE(Lease::acquire(directory.path(), "second"));
}

TEST(Lease, IsReleasedByTheDeathOfItsHolder) {
  const TempDirectory directory;
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe2(ready.data(), O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) {
    const Result<Lease> held = Lease::acquire(directory.path(), "child");
    const char answer = held ? 'y' : 'n';
    if (write(ready[1], &answer, 1) == 1) pause();
    _exit(1);
  }
  char answer = 0;
  ASSERT_EQ(read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  const Result<Lease> refused = Lease::acquire(directory.path(), "parent");
  EXPECT_THAT(refused ? "acquired" : refused.error().message,
              HasSubstr(fmt::format("pid {}", child)));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(Lease::acquire(directory.path(), "parent"));
  close(ready[0]);
  close(ready[1]);
}

TEST(Lease, IsThatOfThePathAsLongAsNobodyRemovesTheFile) {
  const TempDirectory directory;
  const Result<Lease> lease = Lease::acquire(directory.path(), "first");
  ASSERT_TRUE(lease) << lease.error().message;
  EXPECT_TRUE(lease.value().check());
  std::filesystem::remove(directory / "LEASE");
  EXPECT_THAT(lease.value().check().error().message, HasSubstr("none is there now"));
  const Result<Lease> second = Lease::acquire(directory.path(), "second");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_THAT(lease.value().check().error().message, HasSubstr("of pid"));
  EXPECT_THAT(lease.value().check().error().message, HasSubstr("run second"));
  EXPECT_TRUE(second.value().check());
}

TEST(Lease, AFileOfAnotherProgramStaysAsItIs) {
  const TempDirectory directory;
  for (const std::string& text : {std::string("Lease of flat 3, signed by both.\n"),
                                  std::string("pid=17"), std::string("p"), std::string(9, '\0')}) {
    std::ofstream(directory / "LEASE") << text;
    const Result<Lease> lease = Lease::acquire(directory.path(), "r");
    ASSERT_FALSE(lease) << text;
    EXPECT_THAT(lease.error().message,
                HasSubstr(directory / "LEASE" + ": not the lease of a writer"));
    EXPECT_EQ(read_file(directory / "LEASE").value(), text);
  }
  std::ofstream(directory / "LEASE") << "pid 1 ru";
  EXPECT_TRUE(Lease::acquire(directory.path(), "r")) << "what a crash has cut is a lease";
}

TEST(Lease, NamesWhatItCannotOpen) {
  const Result<Lease> lease = Lease::acquire("/nonexistent/folder", "r");
  ASSERT_FALSE(lease);
  EXPECT_THAT(lease.error().message, HasSubstr("/nonexistent/folder/LEASE: open failed: No such"));
}

}  // namespace
}  // namespace ckptbench
