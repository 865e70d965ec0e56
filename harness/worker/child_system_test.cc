// A strategy that has its files written by other programs is under the fault like any other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "faults/fault_log.h"
#include "harness/core/record.h"
#include "harness/platform/proc.h"
#include "harness/worker/testing/worker_driver.h"

namespace ckptbench {
namespace {

using ::testing::StartsWith;

constexpr const char* kClasses = R"py(
import os, subprocess, tempfile, torch

class Restoring:
    def __init__(self, directory):
        self.path = os.path.join(directory, "checkpoint.pt")
    def restore(self):
        if not os.path.exists(self.path):
            return None
        checkpoint = torch.load(self.path)
        return checkpoint["state"], checkpoint["step"]

class ByProgram(Restoring):
    def save(self, state, step):
        with tempfile.NamedTemporaryFile() as staging:
            torch.save({"step": step, "state": state}, staging)
            staging.flush()
            subprocess.run(["cp", staging.name, self.path + ".tmp"], check=True, env={"PATH": os.environ["PATH"]})
        rename = "import os, sys; os.rename(sys.argv[1] + '.tmp', sys.argv[1])"
        subprocess.run(["python3", "-c", rename, self.path], check=True)

# One program for all saves, which gets the bytes through memory and writes them.
PROGRAM = """
import os, sys
for name in sys.stdin:
    with open(name.strip(), 'rb') as staging, open(sys.argv[1] + '.tmp', 'wb') as file:
        file.write(staging.read())
        file.flush()
        os.fsync(file.fileno())
    os.rename(sys.argv[1] + '.tmp', sys.argv[1])
    print('done', flush=True)
"""

class WritingChild(Restoring):
    def __init__(self, directory):
        super().__init__(directory)
        self.child = subprocess.Popen(["python3", "-c", PROGRAM, self.path], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
    def save(self, state, step):
        with tempfile.NamedTemporaryFile(dir="/dev/shm") as staging:
            torch.save({"step": step, "state": state}, staging)
            staging.flush()
            print(staging.name, file=self.child.stdin, flush=True)
            assert self.child.stdout.readline() == "done\n"
)py";

class ChildSystem : public testing::Test {
 protected:
  ChildSystem() {
    std::ofstream(folder_.path("own.py")) << kClasses;
    folder_.cell().strategy.name = "python:" + folder_.path("own.py") + ":ByProgram";
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

bool counts_written_bytes(const JobFolder& folder) {
  const auto before = io_written_bytes();
  std::ofstream(folder.path("counted")) << std::string(1 << 20, 'x');
  const auto after = io_written_bytes();
  return before && after && after.value() > before.value();
}

// A measured cell with it says so, and counts its bytes.
TEST(ChildMeasured, AProgramThatLivesAsLongAsTheStrategyIsPartOfIt) {
  if (!std::filesystem::exists("/dev/shm")) GTEST_SKIP() << "no folder in memory";
  JobFolder folder(std::filesystem::path(CKPT_WORKER).parent_path().string());
  std::ofstream(folder.path("own.py")) << kClasses;
  folder.cell().kind = CellKind::kMeasure;
  folder.cell().deadline_s = 300;
  folder.cell().pairs = 2;
  folder.cell().precision_pct = 0;
  folder.cell().steps = 6;
  folder.cell().workload.params["hidden"] = "1024";
  folder.cell().strategy.name = "python:" + folder.path("own.py") + ":WritingChild";
  const int status = exec_job(folder, folder.write(JobRole::kMeasure, "measure"));
  ASSERT_TRUE(exited_with(status, ExitCode::kOk)) << folder.text("exec.log");
  Record record = parse_json(folder.text("measure.report.json")).get<Record>();
  EXPECT_EQ(record.observed["processes_added"], 1);
  const auto values = [&](const std::string& metric) {
    return std::ranges::find(record.samples, metric, &Samples::metric)->values;
  };
  if (!counts_written_bytes(folder)) GTEST_SKIP() << "a file system that counts no bytes";
  for (const double bytes : values("io_written_bytes")) {
    EXPECT_GE(bytes, 0.9 * values("written_bytes").at(0));
  }
}

}  // namespace
}  // namespace ckptbench
