// Jobs whose strategy keeps its word too late or not at all: what the parent is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/core/retained_report.h"
#include "harness/platform/testing/temp_directory.h"
#include "harness/train/ask_retained.h"
#include "harness/train/train.h"

namespace ckptbench {
namespace {

class OneJob : public testing::Test {
 protected:
  OneJob() {
    job_.cell.workload.name = "digits-mlp";
    job_.cell.policy.every_steps = 2;
    job_.cell.steps = 2;
    job_.checkpoint_dir = folder_ / "checkpoints";
    job_.journal_path = folder_ / "journal.jsonl";
    job_.report_path = folder_ / "report.json";
    std::filesystem::create_directory(job_.checkpoint_dir);
  }
  static std::unique_ptr<Device> make_device(const std::string&) { return make_cpu_device(); }

  const TempDirectory folder_;
  Job job_;
};

// Compressing it takes milliseconds, and the strategy has microseconds.
TEST_F(OneJob, ASaveThatIsNeverDecidedIsNoSuccess) {
  job_.role = JobRole::kTrain;
  job_.cell.workload.params["hidden"] = "512";
  job_.cell.strategy = {.name = "compressed", .params = {{"zstd_level", "19"}}};
  job_.cell.deadline_s = 1e-7;
  JobContext context(job_, make_device);
  try {
    run_train(context);
    ADD_FAILURE() << "ended in order";
  } catch (const ExitError& error) {
    EXPECT_EQ(error.code(), ExitCode::kNotAllowed);
    EXPECT_THAT(error.what(), testing::HasSubstr("the save of step 2 is still not decided"));
  }
  for (const JournalEntry& entry : read_journal(job_.journal_path).value().entries) {
    EXPECT_NE(entry.event, Event::kEnd);
  }
}

TEST_F(OneJob, AskingForWhatRestoresNothingIsMissingIt) {
  job_.role = JobRole::kRetained;
  job_.cell.strategy.name = "broken-restart";  // nothing lies there
  job_.asked = {3};
  JobContext context(job_, make_device);
  ASSERT_EQ(run_retained(context), ExitCode::kOk);
  const auto report = read_retained(job_.report_path);
  ASSERT_TRUE(report.ok()) << report.error().message;
  ASSERT_EQ(report.value().asked.size(), 1U);
  EXPECT_EQ(report.value().asked[0].seq, 3U);
  EXPECT_EQ(report.value().asked[0].error, "it restores nothing");
}

}  // namespace
}  // namespace ckptbench
