#include "faults/job_activity.h"

#include <gtest/gtest.h>

#include "faults/testing/probe_run.h"

namespace ckptbench {
namespace {

class JobActivityTest : public ProbeRun {
 protected:
  // What is seen of a real program that runs for seconds; without a log.
  uint64_t most_seen(const std::string& mode, std::vector<std::string> environment) {
    SpawnOptions options;
    options.argv = {CKPT_FAULT_PROBE, mode, root_};
    options.environment = std::move(environment);
    auto process = Process::spawn(options);
    EXPECT_TRUE(process.ok()) << process.error().message;
    JobActivity activity;
    uint64_t most = 0;
    for (int looks = 0; looks < 200 && most < 4; ++looks) {
      if (process.value().wait(Until::seconds(0.02)) == WaitEnd::kReady) break;
      most = std::max(most, activity.look(process.value().pid()));
    }
    return most;
  }
};

TEST_F(JobActivityTest, OperationsAndOpensForReadingAreSeenFromOutsideWithoutALog) {
  std::vector<std::string> environment = preload_environment();
  environment.push_back("CKPTFAULT_ROOT=" + root_);
  for (const std::string mode : {"slow-names", "slow-reads"}) {
    EXPECT_GE(most_seen(mode, environment), 4u) << mode;
  }
  EXPECT_FALSE(std::filesystem::exists(log_));
}

TEST_F(JobActivityTest, WithoutTheLibraryNothingIsCounted) {
  EXPECT_EQ(most_seen("commit", {}), 0u);
}

}  // namespace
}  // namespace ckptbench
