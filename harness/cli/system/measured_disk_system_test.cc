// Where a run's results lie decides what can be measured there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "harness/cli/system/bench_process.h"
#include "harness/platform/machine.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

// A folder in memory that is gone at the end.
class InMemory {
 public:
  InMemory() : path_("/dev/shm/ckptbench-test-" + fs::path(beside_.path()).filename().string()) {
    fs::create_directory(path_);
  }
  InMemory(const InMemory&) = delete;
  InMemory& operator=(const InMemory&) = delete;
  ~InMemory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  TempDir beside_ = fresh_folder();  // has a name that no other has
  std::string path_;
};

class MeasuredDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (filesystem_of("/dev/shm").type != "tmpfs") GTEST_SKIP() << "/dev/shm is no tmpfs";
  }
};

TEST_F(MeasuredDisk, ThatIsMemoryIsFoundAtPlanning) {
  const InMemory memory;
  const std::string out = memory.path() + "/not/made/yet";
  const Finished run = run_bench({"run", "quick", "--out", out});
  EXPECT_EQ(run.exit_code, 4) << run.output;
  EXPECT_EQ(std::count(run.output.begin(), run.output.end(), '\n'), 1) << run.output;
  EXPECT_THAT(run.output, HasSubstr("is on tmpfs, which is memory"));
  EXPECT_TRUE(fs::is_empty(memory.path()));
}

TEST_F(MeasuredDisk, IsNeededByMeasuredCellsAlone) {
  const InMemory memory;
  const std::string suite = write_suite(memory.path(), one_trial_suite());
  const std::string out = memory.path() + "/out";
  const Finished run = run_bench({"run", suite, "--out", out});
  EXPECT_EQ(run.exit_code, 0) << run.output;
  const Finished resumed = run_bench({"run", "--resume", "--out", out});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.output;
}

}  // namespace
}  // namespace ckptbench
