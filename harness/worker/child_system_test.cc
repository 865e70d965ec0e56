// A strategy that has its files written by other programs is under the fault like any other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faults/fault_log.h"
#include "harness/worker/testing/worker_driver.h"

namespace ckptbench {
namespace {

using ::testing::StartsWith;

constexpr const char* kByProgram = R"py(
import os, subprocess, tempfile, torch

class ByProgram:
    def __init__(self, directory):
        self.path = os.path.join(directory, "checkpoint.pt")
    def save(self, state, step):
        with tempfile.NamedTemporaryFile() as staging:
            torch.save({"step": step, "state": state}, staging)
            staging.flush()
            subprocess.run(["cp", staging.name, self.path + ".tmp"], check=True, env={"PATH": os.environ["PATH"]})
        rename = "import os, sys; os.rename(sys.argv[1] + '.tmp', sys.argv[1])"
        subprocess.run(["python3", "-c", rename, self.path], check=True)
    def restore(self):
        if not os.path.exists(self.path):
            return None
        checkpoint = torch.load(self.path)
        return checkpoint["state"], checkpoint["step"]
)py";

class ChildSystem : public testing::Test {
 protected:
  ChildSystem() {
    std::ofstream(folder_.path("by_program.py")) << kByProgram;
    folder_.cell().strategy.name = "python:" + folder_.path("by_program.py") + ":ByProgram";
  }
  int train() {
    Job job = folder_.job(JobRole::kTrain, "train");
    job.fault_log_path = log_;
    return exec_job(folder_, folder_.write(job), CKPT_FAULT_LIBRARY);
  }

  JobFolder folder_;
  std::string log_ = folder_.path("train.faults.jsonl");
};

TEST_F(ChildSystem, TheOperationsOfProgramsAreSeen) {
  ASSERT_TRUE(exited_with(train(), ExitCode::kOk)) << folder_.text("exec.log");
  std::map<std::string, uint64_t> seen;
  for (const FileOperation& operation : read_fault_log(log_).value().operations) {
    seen[operation.op + " " + operation.path] = operation.occurrence;
  }
  EXPECT_EQ(seen["open checkpoint.pt.tmp"], 4U);
  EXPECT_EQ(seen["rename checkpoint.pt.tmp"], 4U);
}

TEST_F(ChildSystem, AProgramAtThePointEndsTheTrainingAndLeavesItsEvidence) {
  folder_.cell().fault = {"file_op", {{"operation", "rename"}, {"occurrence", "3"}}};
  EXPECT_TRUE(killed(train())) << folder_.text("exec.log");
  const FaultEvidence evidence = read_fault_log(log_).value();
  EXPECT_TRUE(evidence.fired);
  EXPECT_THAT(evidence.point, StartsWith("before rename checkpoint.pt.tmp #3"));
  EXPECT_EQ(only(folder_.journal("train"), Event::kRequested).back().step, 6U);
  EXPECT_TRUE(std::filesystem::exists(folder_.path("checkpoints/checkpoint.pt.tmp")));
}

}  // namespace
}  // namespace ckptbench
