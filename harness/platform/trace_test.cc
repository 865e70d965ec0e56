#include "harness/platform/trace.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <thread>
#include <vector>

#include "harness/platform/files.h"
#include "harness/platform/unique_fd.h"

namespace ckptbench {
namespace {

TEST(TraceTest, TotalsCountEveryThread) {
  Trace trace;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) const PhaseScope scope(trace, Phase::kEncode);
      });
    }
  }
  const PhaseTotal encode = trace.totals()[static_cast<size_t>(Phase::kEncode)];
  EXPECT_EQ(encode.count, 4000u);
  EXPECT_GT(encode.total_ns, 0);
  EXPECT_EQ(trace.totals()[static_cast<size_t>(Phase::kWrite)].count, 0u);
  trace.reset_totals();
  EXPECT_EQ(trace.totals()[static_cast<size_t>(Phase::kEncode)].count, 0u);
}

// Passes sync twice and write once; each byte in the file is one edge that was survived.
int run_armed(Edge edge, uint64_t occurrence, const std::string& log, const std::string& edges) {
  const pid_t child = ::fork();
  if (child == 0) {
    const UniqueFd log_fd(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644));
    const UniqueFd out(::open(edges.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644));
    Trace trace;
    trace.arm_kill(Phase::kSync, edge, occurrence, log_fd.get());
    for (int i = 0; i < 2; ++i) {
      {
        const PhaseScope other(trace, Phase::kWrite);
        const PhaseScope sync(trace, Phase::kSync);
        if (::write(out.get(), "b", 1) != 1) ::_exit(1);
      }
      if (::write(out.get(), "a", 1) != 1) ::_exit(1);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(TraceTest, ArmedPointKillsExactlyThereAfterItsEvidence) {
  const TempDir folder = TempDir::make("trace_test").value();
  struct Case {
    Edge edge;
    uint64_t occurrence;
    const char* survived;
  };
  for (const Case& c : {Case{Edge::kBefore, 1, ""}, Case{Edge::kAfter, 1, "b"},
                        Case{Edge::kBefore, 2, "ba"}, Case{Edge::kAfter, 2, "bab"}}) {
    const std::string log = folder.path() + "/log";
    ::unlink(log.c_str());
    const int status = run_armed(c.edge, c.occurrence, log, folder.path() + "/edges");
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    EXPECT_EQ(read_file(folder.path() + "/edges").value(), c.survived);
    const std::string evidence = read_file(log).value();
    EXPECT_THAT(evidence, testing::HasSubstr("\"phase\":\"sync\""));
    EXPECT_THAT(evidence, testing::HasSubstr(c.edge == Edge::kBefore ? "\"before\"" : "\"after\""));
    EXPECT_THAT(evidence, testing::EndsWith("}\n"));
  }
}

TEST(TraceTest, AnOccurrenceBeyondTheRunNeverFires) {
  const TempDir folder = TempDir::make("trace_test").value();
  const std::string log = folder.path() + "/log";
  EXPECT_EQ(run_armed(Edge::kBefore, 3, log, folder.path() + "/edges"), 0);
  EXPECT_EQ(read_file(log).value(), "");
}

}  // namespace
}  // namespace ckptbench
