// Whose fault an exception is that ends a job: the exit code tells the parent.
#include "harness/worker/run_job.h"

#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

#include "harness/core/json_text.h"
#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

class EndOfAJob : public testing::Test {
 protected:
  int exit_code(const MakeDevice& make_device) {
    Job job;
    job.cell.strategy.name = "null";
    job.cell.workload.name = "digits-mlp";
    job.journal_path = folder_ / "journal.jsonl";
    const std::string path = folder_ / "job.json";
    std::ofstream(path) << json_text(job);
    return run_job_to_exit_code(path, make_device);
  }
  const TempDirectory folder_;
};

TEST_F(EndOfAJob, AnUnexpectedExceptionIsTheHarnessesAndNoVerdict) {
  EXPECT_EQ(exit_code([](const std::string&) -> std::unique_ptr<Device> {
              throw std::runtime_error("nobody expects this");
            }),
            static_cast<int>(ExitCode::kHarness));
}

TEST_F(EndOfAJob, AnExpectedOneHasTheCodeThatItCarries) {
  EXPECT_EQ(exit_code([](const std::string&) -> std::unique_ptr<Device> {
              throw ExitError(ExitCode::kEnvironment, "no such device");
            }),
            static_cast<int>(ExitCode::kEnvironment));
}

}  // namespace
}  // namespace ckptbench
