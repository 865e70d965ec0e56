// Which processes a measured cell consists of, and whose failure it is that one gave no report.
#include "harness/run/measured_cell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "harness/core/journal.h"
#include "harness/core/json_text.h"
#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

// As a job does that is done: its report, then the end in its journal.
ProcessEnd finish(const JobFiles& files, const Record& record) {
  std::ofstream(files.report) << json_text(record);
  std::ofstream(files.journal) << format_entry({.event = Event::kEnd});
  return {.exited = true, .stacks_path = ""};
}

// Every job ends as the test says, at once and without a report.
class EndsSo : public JobRunner {
 public:
  explicit EndsSo(ProcessEnd end) : end_(std::move(end)) {}
  ProcessEnd run(const JobFiles&, double) override { return end_; }

 private:
  ProcessEnd end_;
};

// Every process that restores reports four times and one start; the names of all are kept.
class RestoresFourTimes : public JobRunner {
 public:
  ProcessEnd run(const JobFiles& files, double) override {
    const Result<Job> job = read_job(files.job);
    const std::string pages = job.value().cold ? "cold" : "warm";
    names.push_back(std::string(job_role_name(job.value().role)) + " " + pages);
    Record record;
    if (job.value().role == JobRole::kRestore) {
      record.samples = {{"restore_" + pages + "_ns", 0, {1, 2, 3, 4}},
                        {"restore_first_step_" + pages + "_ns", 0, {9}}};
    }
    return finish(files, record);
  }
  std::vector<std::string> names;
};

TEST(MeasuredCell, TwoColdAndTwoWarmProcessesRestoreInTurn) {
  const TempDirectory folder;
  RestoresFourTimes runner;
  Cell cell;
  cell.id = "cell";
  const Record record = run_measured_cell(cell, folder / "cell",
                                          {.name = "x", .survives = "process"}, runner, runner);
  EXPECT_EQ(record.error, "");
  EXPECT_THAT(runner.names, testing::ElementsAre("watch warm", "measure warm", "restore cold",
                                                 "restore warm", "restore cold", "restore warm"));
  EXPECT_EQ(record.observed["restores"], 16);
  EXPECT_EQ(record.observed["restore_processes"], 4);
  for (const Samples& samples : record.samples) {
    EXPECT_EQ(samples.values.size(), samples.metric.find("first") == std::string::npos ? 8U : 2U);
  }
}

// Every job ends in order, and the measured one has seen this.
class Saw : public JobRunner {
 public:
  explicit Saw(nlohmann::json observed) : observed_(std::move(observed)) {}
  ProcessEnd run(const JobFiles& files, double) override {
    Record record;
    if (read_job(files.job).value().role == JobRole::kMeasure) record.observed = observed_;
    return finish(files, record);
  }

 private:
  nlohmann::json observed_;
};

Record measured(const nlohmann::json& observed) {
  const TempDirectory folder;
  Saw runner(observed);
  Cell cell;
  cell.id = "cell";
  return run_measured_cell(cell, folder / "cell", {.name = "x", .survives = "process"}, runner,
                           runner);
}

// The library costs time: only the process that watches may carry it.
TEST(MeasuredCell, OnlyTheProcessThatWatchesHasTheWatchersRunner) {
  const TempDirectory folder;
  RestoresFourTimes runner;
  RestoresFourTimes watcher;
  Cell cell;
  cell.id = "cell";
  run_measured_cell(cell, folder / "cell", {.name = "x", .survives = "process"}, runner, watcher);
  EXPECT_THAT(watcher.names, testing::ElementsAre("watch warm"));
  EXPECT_THAT(runner.names, testing::Not(testing::Contains("watch warm")));
}

TEST(MeasuredCell, ASaveThatFailsIsNotAllowed) {
  const Record record =
      measured({{"failed_saves", 2}, {"requested_saves", 30}, {"first_failure", "out of buffers"}});
  EXPECT_EQ(record.error, "");
  EXPECT_FALSE(record.allowed);
  EXPECT_TRUE(measured({{"failed_saves", 0}, {"retention_error", ""}}).allowed);
}

// The disk fills, whatever the figures say.
TEST(MeasuredCell, ARetentionThatFailsIsNotAllowed) {
  const Record record = measured({{"failed_saves", 0}, {"retention_error", "no permission"}});
  EXPECT_EQ(record.error, "");
  EXPECT_FALSE(record.allowed);
}

Record measured(const ProcessEnd& end) {
  const TempDirectory folder;
  EndsSo runner(end);
  Cell cell;
  cell.id = "cell";
  return run_measured_cell(cell, folder / "cell", {.name = "x", .survives = "process"}, runner,
                           runner);
}

TEST(MeasuredCell, AHangACrashAndAnExitAreTheStrategys) {
  for (const ProcessEnd& end :
       {ProcessEnd{.signal = SIGKILL, .timed_out = true, .stacks_path = "s"},
        ProcessEnd{.signal = SIGSEGV, .stacks_path = ""},
        ProcessEnd{.exited = true, .stacks_path = ""},
        ProcessEnd{.exited = true, .exit_code = 1, .stacks_path = ""}}) {
    const Record record = measured(end);
    EXPECT_NE(record.error, "");
    EXPECT_FALSE(record.allowed) << record.error;
  }
}

// Restores four times in each process but the one of this name, which leaves as if it were done.
class LeavesIn : public RestoresFourTimes {
 public:
  explicit LeavesIn(std::string job) : job_(std::move(job)) {}
  ProcessEnd run(const JobFiles& files, double deadline_s) override {
    const bool leaves = files.job.ends_with("/" + job_ + ".job.json");
    if (!leaves) return RestoresFourTimes::run(files, deadline_s);
    std::ofstream(files.journal) << format_entry({.event = Event::kStart});
    return {.exited = true, .stacks_path = ""};
  }

 private:
  std::string job_;
};

TEST(MeasuredCell, ExitCodeZeroBeforeTheEndIsNoPass) {
  for (const std::string job : {"watch", "measure", "restore-cold-1", "restore-warm-2"}) {
    const TempDirectory folder;
    LeavesIn runner(job);
    Cell cell;
    cell.id = "cell";
    const Record record = run_measured_cell(cell, folder / "cell",
                                            {.name = "x", .survives = "process"}, runner, runner);
    EXPECT_THAT(record.error, testing::StartsWith(job + " ended with exit code 0 before"));
    EXPECT_FALSE(record.allowed) << job;
  }
}

TEST(MeasuredCell, AKillByAnotherProcessAndTheWorkersOwnWordsAreNot) {
  for (const ProcessEnd& end :
       {ProcessEnd{.signal = SIGKILL, .stacks_path = ""},
        ProcessEnd{.exited = true, .exit_code = 3, .stacks_path = ""},
        ProcessEnd{.exited = true, .exit_code = 4, .stacks_path = ""}, ProcessEnd{}}) {
    const Record record = measured(end);
    EXPECT_NE(record.error, "");
    EXPECT_TRUE(record.allowed) << record.error;
  }
}

}  // namespace
}  // namespace ckptbench
