#include "harness/run/job_failure.h"

#include <gtest/gtest.h>

#include <fstream>

#include "harness/core/journal.h"
#include "harness/platform/files.h"

namespace ckptbench {
namespace {

class JobFailure : public testing::Test {
 protected:
  void report(const std::string& text) const { std::ofstream(files_.report) << text; }
  void log(const std::string& text) const { std::ofstream(files_.log) << text; }

  TempDir folder_ = std::move(TempDir::make("job-failure")).value();
  JobFiles files_ = job_files(folder_.path(), "train");
  ProcessEnd end_{.exited = true, .exit_code = 1};
};

TEST_F(JobFailure, TheReportsErrorGoesBeforeTheLog) {
  log("loading\nckpt-worker: something\n");
  EXPECT_EQ(job_failure("the job", end_, files_),
            "the job exited with code 1: loading ckpt-worker: something");
  report(R"({"error": "KeyError: 'step'"})");
  EXPECT_EQ(job_failure("the job", end_, files_), "the job exited with code 1: KeyError: 'step'");
}

TEST_F(JobFailure, SaysThatNothingIsKnown) {
  const std::string nothing = "neither its report nor its log says why";
  EXPECT_EQ(job_failure("the job", end_, files_), "the job exited with code 1: " + nothing);
  report("[1");
  EXPECT_EQ(job_failure("the job", {.signal = 11}, files_),
            "the job died by signal 11: " + nothing);
  report(R"({"error": 5})");
  EXPECT_EQ(job_failure("the job", {}, files_),
            "the job was not started, or left no exit status: " + nothing);
}

TEST_F(JobFailure, SaysHowFarAJobCameThatLeavesNoWord) {
  const auto says = [&](Event event) {
    std::ofstream(files_.journal) << format_entry({.event = Event::kStep, .step = 5})
                                  << format_entry({.event = event, .step = 6});
    return job_failure("the job", {.signal = 11}, files_);
  };
  const std::string nothing = ": neither its report nor its log says why";
  EXPECT_EQ(says(Event::kRequested),
            "the job died by signal 11 after requesting the save of step 6" + nothing);
  EXPECT_EQ(says(Event::kStep), "the job died by signal 11 after step 6" + nothing);
  EXPECT_EQ(says(Event::kDurable),
            "the job died by signal 11 after the save of step 6 was durable" + nothing);
  EXPECT_EQ(says(Event::kRetired),
            "the job died by signal 11 after 'retired' of step 6 in its journal" + nothing);
}

TEST_F(JobFailure, StacksSayWhyWhereNothingElseDoes) {
  const ProcessEnd hang{.signal = 9, .timed_out = true, .stacks_path = "/s"};
  EXPECT_EQ(job_failure("the job", hang, files_),
            "the job was killed at its deadline, stacks in /s");
  log("a word\n");
  EXPECT_EQ(job_failure("the job", hang, files_),
            "the job was killed at its deadline, stacks in /s: a word");
}

// The worker leaves with 0 only when it is done.
TEST_F(JobFailure, ExitCodeZeroIsTheStrategys) {
  EXPECT_EQ(job_failure("restore-cold-1", {.exited = true}, files_),
            "restore-cold-1 ended with exit code 0 before its report was written, inside the "
            "strategy's code: neither its report nor its log says why");
}

// Processes that measure take steps that no journal has.
TEST_F(JobFailure, OnlyAJobThatJournalsItsStepsEndsBeforeTheFirst) {
  const auto says = [&](JobRole role) {
    std::ofstream(files_.journal) << format_entry(
        {.event = Event::kStart, .detail = std::string(job_role_name(role))});
    return job_failure("the job", {.signal = 11}, files_);
  };
  const std::string nothing = ": neither its report nor its log says why";
  EXPECT_EQ(says(JobRole::kTrain), "the job died by signal 11 before its first step" + nothing);
  EXPECT_EQ(says(JobRole::kMeasure), "the job died by signal 11" + nothing);
  EXPECT_EQ(says(JobRole::kRestore), "the job died by signal 11" + nothing);
}

// The oracle's words, for the same end.
TEST_F(JobFailure, SaysHowTheProcessEndedAsTheOracleDoes) {
  log("a word\n");
  for (const ProcessEnd& end : {ProcessEnd{.signal = 9},
                                {.signal = 9, .over_limit = true},
                                {.signal = 9, .timed_out = true},
                                {.exited = true, .exit_code = 3},
                                ProcessEnd{}}) {
    EXPECT_EQ(job_failure("the job", end, files_), "the job " + describe(end) + ": a word");
  }
}

TEST_F(JobFailure, OnlyTheEndOfALongLogIsShown) {
  log(std::string(5000, 'a') + "\nthe last line\n");
  const std::string text = job_failure("the job", end_, files_);
  EXPECT_LT(text.size(), 400U);
  EXPECT_TRUE(text.ends_with("the last line")) << text;
}

}  // namespace
}  // namespace ckptbench
