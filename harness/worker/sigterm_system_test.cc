// Real workers that train and are told to end: what the grace period after SIGTERM still allows.
#include <gtest/gtest.h>

#include <csignal>

#include "harness/worker/testing/worker_driver.h"

namespace ckptbench {
namespace {

// Polls the journal until it has `count` such events; false after the test's deadline.
bool await_events(const JobFolder& folder, const std::string& name, Event event, size_t count) {
  const int64_t until_ns = now_ns() + kTestDeadlineNs;
  while (now_ns() < until_ns) {
    if (std::filesystem::exists(folder.path(name + ".journal.jsonl")) &&
        only(folder.journal(name), event).size() >= count) {
      return true;
    }
    ::usleep(1000);
  }
  return false;
}

TEST(SigtermSystem, SigtermSavesWithinItsGrace) {
  JobFolder folder;
  folder.cell().steps = 1'000'000;
  folder.cell().policy = {.sigterm_grace_s = 20};
  WorkerProcess process({"exec", folder.write(JobRole::kTrain, "train")}, folder.path("exec.log"));
  ASSERT_TRUE(await_events(folder, "train", Event::kStep, 5));
  ::kill(process.pid(), SIGTERM);
  EXPECT_TRUE(exited_with(process.wait(), ExitCode::kOk)) << folder.text("exec.log");
  const auto journal = folder.journal("train");
  const uint64_t last_step = only(journal, Event::kStep).back().step;
  ASSERT_EQ(reported_durable(journal).size(), 1U);
  EXPECT_EQ(reported_durable(journal).back().step, last_step);
  EXPECT_EQ(journal.back().event, Event::kEnd);
  EXPECT_EQ(journal.back().detail, "sigterm: every save is decided");
}

TEST(SigtermSystem, ASaveLongerThanTheGraceIsLeftUndecidedAndSaidSo) {
  JobFolder folder;
  // Compressing these 8 MB at level 19 takes hundreds of steps, and several times the grace period.
  folder.cell().workload.params["hidden"] = "8192";
  folder.cell().strategy = {.name = "compressed", .params = {{"zstd_level", "19"}}};
  folder.cell().steps = 1'000'000;
  folder.cell().policy = {.sigterm_grace_s = 0.5};
  WorkerProcess process({"exec", folder.write(JobRole::kTrain, "train")}, folder.path("exec.log"));
  ASSERT_TRUE(await_events(folder, "train", Event::kStep, 3));
  ::kill(process.pid(), SIGTERM);
  EXPECT_TRUE(exited_with(process.wait(), ExitCode::kOk)) << folder.text("exec.log");
  const auto journal = folder.journal("train");
  ASSERT_EQ(only(journal, Event::kRequested).size(), 1U);
  EXPECT_TRUE(reported_durable(journal).empty());
  EXPECT_TRUE(only(journal, Event::kFailed).empty());
  ASSERT_EQ(journal.back().event, Event::kEnd);
  EXPECT_EQ(journal.back().detail, "sigterm: the grace period ended before the save was decided");
  // Nothing was promised: the next run starts from the beginning, and can save.
  ASSERT_TRUE(
      exited_with(exec_job(folder, folder.write(JobRole::kRecover, "recover")), ExitCode::kOk));
  EXPECT_EQ(folder.recovery("recover").outcome, RecoveryReport::Outcome::kNothing);
  EXPECT_TRUE(folder.recovery("recover").resave_durable);
}

// Nothing but the grace period ends it: save() itself has no bound.
TEST(SigtermSystem, ASaveThatNeverReturnsEndsWithTheGrace) {
  JobFolder folder;
  folder.cell().strategy.name = "broken-hang";
  folder.cell().policy = {.every_steps = 2, .sigterm_grace_s = 0.2};
  WorkerProcess process({"exec", folder.write(JobRole::kTrain, "train")}, folder.path("exec.log"));
  ASSERT_TRUE(await_events(folder, "train", Event::kRequested, 2));
  ::kill(process.pid(), SIGTERM);
  ASSERT_TRUE(await_events(folder, "train", Event::kEnd, 1));
  EXPECT_TRUE(exited_with(process.wait(), ExitCode::kOk)) << folder.text("exec.log");
  const auto journal = folder.journal("train");
  EXPECT_EQ(reported_durable(journal).size(), 1U);
  ASSERT_EQ(journal.back().event, Event::kEnd);
  EXPECT_EQ(journal.back().step, 4U);
  EXPECT_EQ(journal.back().detail, "sigterm: the grace period ended before the save was decided");
  EXPECT_EQ(parse_json(folder.text("train.report.json"))["losses"].size(), 4U);
}

TEST(SigtermSystem, WithoutAGraceSigtermEndsTheProcess) {
  JobFolder folder;
  folder.cell().steps = 1'000'000;
  folder.cell().policy = {};
  WorkerProcess process({"exec", folder.write(JobRole::kTrain, "train")}, folder.path("exec.log"));
  ASSERT_TRUE(await_events(folder, "train", Event::kStep, 5));
  ::kill(process.pid(), SIGTERM);
  const int status = process.wait();
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

}  // namespace
}  // namespace ckptbench
