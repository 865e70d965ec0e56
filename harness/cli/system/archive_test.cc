// What a results folder is enough for, where the Python file of its run is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "harness/cli/system/bench_process.h"
#include "harness/run/environment_file.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

constexpr const char* kSafe = R"(import os, torch
class Mine:
    def __init__(self, directory): self.path = os.path.join(directory, "state.pt")
    def save(self, state, step):
        torch.save((state, step), self.path + ".tmp")
        os.replace(self.path + ".tmp", self.path)
    def restore(self): return torch.load(self.path) if os.path.exists(self.path) else None
)";

// The results of a run of mine.py, which is then gone.
class RunOfMine {
 public:
  RunOfMine() {
    std::ofstream(file()) << kSafe;
    const Finished run = run_bench({"run", write_suite(folder_.path(), one_trial_suite()), "-s",
                                    "python:" + file() + ":Mine", "--out", out()});
    EXPECT_EQ(run.exit_code, 0) << run.output;
    fs::remove(file());
  }
  std::string file() const { return folder_.path() + "/mine.py"; }
  std::string out() const { return folder_.path() + "/out"; }

 private:
  TempDir folder_ = fresh_folder();
};

// Works on a copy of the results of one run, which all tests share.
class Archive : public testing::Test {
 protected:
  Archive() { fs::copy(run().out(), out_, fs::copy_options::recursive); }
  ~Archive() override { fs::remove(file_); }

  static const RunOfMine& run() {
    static const RunOfMine run;
    return run;
  }

  TempDir folder_ = fresh_folder();
  std::string file_ = run().file();
  std::string out_ = folder_.path() + "/out";
  std::string again_ = folder_.path() + "/again";
};

TEST_F(Archive, IsRepeatedFromTheStoredSource) {
  const Finished repeated = run_bench({"run", "--repeat", out_, "--out", again_});
  EXPECT_EQ(repeated.exit_code, 0) << repeated.output;
  EXPECT_THAT(repeated.output, HasSubstr(file_ + " is absent"));
  EXPECT_EQ(read_file(again_ + "/strategies/mine.py").value(), kSafe);
  EXPECT_EQ(finished_ids(again_), finished_ids(out_));
  const nlohmann::json rows = read_environment(again_).fields.at("strategies");
  EXPECT_EQ(rows, read_environment(out_).fields.at("strategies"));

  fs::remove_all(out_);  // the repeat is an archive too
  const Finished third = run_bench({"run", "--repeat", again_, "--out", out_});
  EXPECT_EQ(third.exit_code, 0) << third.output;
  const Finished resumed = run_bench({"run", "--resume", "--out", out_});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.output;
}

TEST_F(Archive, ADryRunOfItLeavesNothing) {
  const Finished dry = run_bench({"run", "--repeat", out_, "--out", again_, "--dry-run"});
  EXPECT_EQ(dry.exit_code, 0) << dry.output;
  EXPECT_FALSE(fs::exists(again_));
}

TEST_F(Archive, AFileThatIsThereIsUsedAndMustBeTheSame) {
  std::ofstream(file_) << kSafe;
  const Finished same = run_bench({"run", "--repeat", out_, "--out", again_});
  EXPECT_EQ(same.exit_code, 0) << same.output;
  EXPECT_THAT(same.output, Not(HasSubstr("is absent")));
  EXPECT_FALSE(fs::exists(again_ + "/strategies"));
  std::ofstream(file_, std::ios::app) << "# changed\n";
  EXPECT_EQ(run_bench({"run", "--repeat", out_, "--dry-run"}).exit_code, 2);
  const Finished other = run_bench({"run", "--repeat", out_, "--out", again_ + "-2"});
  EXPECT_EQ(other.exit_code, 2) << other.output;
  EXPECT_THAT(other.output, HasSubstr("was run with another " + file_));
}

TEST_F(Archive, ItsCellsAreReplayedFromTheStoredSource) {
  const std::string id = *finished_ids(out_).begin();
  const std::string replay = folder_.path() + "/replay";
  const Finished end = run_bench({"replay", id, "--results", out_, "--out", replay});
  EXPECT_EQ(end.exit_code, 0) << end.output;
  EXPECT_THAT(end.output, HasSubstr(file_ + " is absent"));
  EXPECT_EQ(read_file(replay + "-strategies/mine.py").value(), kSafe);
}

}  // namespace
}  // namespace ckptbench
