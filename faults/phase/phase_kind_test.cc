#include "faults/phase/phase_kind.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults/fault_kinds.h"
#include "faults/fault_log.h"
#include "harness/platform/files.h"
#include "harness/platform/unique_fd.h"

namespace ckptbench {
namespace {

class PhaseKillTest : public testing::Test {
 protected:
  // A child that passes sync twice and write once; each byte in the file is one edge that it
  // survived. Its wait status.
  int run(const std::string& edge, const std::string& occurrence, int log_fd) {
    const pid_t child = ::fork();
    if (child == 0) {
      const UniqueFd out(::open(edges_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644));
      Trace trace;
      const auto armed = fault_kinds().arm(
          {"phase", {{"phase", "sync"}, {"edge", edge}, {"occurrence", occurrence}}},
          {.directory = folder_.path(), .log_path = log_, .log_fd = log_fd, .trace = trace});
      for (int i = 0; i < 2; ++i) pass_phases(trace, out.get());
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  }

  static void pass_phases(Trace& trace, int out) {
    {
      const PhaseScope other(trace, Phase::kWrite);
      const PhaseScope sync(trace, Phase::kSync);
      if (::write(out, "b", 1) != 1) ::_exit(1);
    }
    if (::write(out, "a", 1) != 1) ::_exit(1);
  }

  UniqueFd open_log() const {
    return UniqueFd(::open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644));
  }

  TempDir folder_ = TempDir::make("phase_kind").value();
  std::string log_ = folder_.path() + "/faults.jsonl";
  std::string edges_ = folder_.path() + "/edges";
};

TEST_F(PhaseKillTest, KillsExactlyThereAfterItsEvidence) {
  struct Case {
    const char* edge;
    const char* occurrence;
    const char* survived;
    const char* point;
  };
  for (const Case& c : {Case{"before", "1", "", "before phase sync #1"},
                        Case{"after", "1", "b", "after phase sync #1"},
                        Case{"before", "2", "ba", "before phase sync #2"},
                        Case{"after", "2", "bab", "after phase sync #2"}}) {
    const UniqueFd log = open_log();
    const int status = run(c.edge, c.occurrence, log.get());
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << c.point;
    EXPECT_EQ(read_file(edges_).value(), c.survived);
    EXPECT_EQ(read_fault_log(log_).value().point, c.point);
  }
}

TEST_F(PhaseKillTest, AnOccurrenceBeyondTheRunNeverFires) {
  const UniqueFd log = open_log();
  EXPECT_EQ(run("before", "3", log.get()), 0);
  EXPECT_EQ(read_file(log_).value(), "");
}

TEST_F(PhaseKillTest, WithoutEvidenceThereIsNoKill) {
  const UniqueFd full(::open("/dev/full", O_WRONLY));
  EXPECT_EQ(run("before", "1", full.get()), 0);
  EXPECT_EQ(read_file(edges_).value(), "baba");
}

TEST_F(PhaseKillTest, TheTraceIsLeftWithoutIt) {
  const UniqueFd log = open_log();
  Trace trace;
  fault_kinds().arm(
      {"phase", {{"phase", "sync"}}},
      {.directory = folder_.path(), .log_path = log_, .log_fd = log.get(), .trace = trace});
  { const PhaseScope sync(trace, Phase::kSync); }
  EXPECT_EQ(read_file(log_).value(), "");
}

}  // namespace
}  // namespace ckptbench
