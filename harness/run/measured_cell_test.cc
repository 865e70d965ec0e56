// Whose failure it is that a process of a measured cell gave no report.
#include "harness/run/measured_cell.h"

#include <gtest/gtest.h>

#include <csignal>

#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

// Every job ends as the test says, at once and without a report.
class EndsSo : public JobRunner {
 public:
  explicit EndsSo(ProcessEnd end) : end_(std::move(end)) {}
  ProcessEnd run(const JobFiles&, double) override { return end_; }

 private:
  ProcessEnd end_;
};

Record measured(const ProcessEnd& end) {
  const TempDirectory folder;
  EndsSo runner(end);
  Cell cell;
  cell.id = "cell";
  return run_measured_cell(cell, folder / "cell", {.name = "x", .survives = "process"}, runner);
}

TEST(MeasuredCell, AHangAndACrashAreTheStrategys) {
  for (const ProcessEnd& end :
       {ProcessEnd{.signal = SIGKILL, .timed_out = true, .stacks_path = "s"},
        ProcessEnd{.signal = SIGSEGV, .stacks_path = ""},
        ProcessEnd{.exited = true, .exit_code = 1, .stacks_path = ""}}) {
    const Record record = measured(end);
    EXPECT_NE(record.error, "");
    EXPECT_FALSE(record.allowed) << record.error;
  }
}

TEST(MeasuredCell, AStrangersKillAndTheWorkersOwnWordsAreNot) {
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
