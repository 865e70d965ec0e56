// A run that is interrupted, politely or not, leaves no process, keeps what is finished, and ends
// with the same set of cells when it is resumed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "harness/cli/system/bench_process.h"
#include "harness/run/environment_file.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

struct Scene {
  explicit Scene(const std::string& text = small_suite())
      : suite(write_suite(folder.path(), text)) {}
  TempDir folder = fresh_folder();
  std::string suite;
  std::string out = folder.path() + "/out";
};

void resume_and_check(const Scene& scene) {
  const Finished resumed = run_bench({"run", "--resume", "--out", scene.out});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.output;
  EXPECT_EQ(finished_ids(scene.out).size(), kSmallSuiteCells);
  EXPECT_TRUE(nothing_left());
  EXPECT_FALSE(fs::exists(scene.out + "/cells"));
}

class Signalled : public ::testing::TestWithParam<int> {};

TEST_P(Signalled, KeepsWhatIsFinishedAndLeavesNothingBehind) {
  const Scene scene;
  BenchProcess bench({"run", scene.suite, "--out", scene.out, "--jobs", "2"});
  wait_for_records(scene.out, 3);
  bench.signal(GetParam());
  const ExitStatus status = bench.wait();
  EXPECT_TRUE(status.exited);
  EXPECT_EQ(status.exit_code, 3) << bench.output();
  EXPECT_THAT(bench.output(), HasSubstr("ckptbench run --resume --out " + scene.out));
  EXPECT_TRUE(nothing_left());
  EXPECT_FALSE(fs::exists(scene.out + "/cells"));
  const size_t finished = finished_ids(scene.out).size();
  EXPECT_GE(finished, 3u);
  EXPECT_LT(finished, kSmallSuiteCells);
  resume_and_check(scene);
}

INSTANTIATE_TEST_SUITE_P(Signals, Signalled, ::testing::Values(SIGINT, SIGTERM));

TEST(Killed, LeavesNoProcessAndIsResumed) {
  const Scene scene;
  BenchProcess bench({"run", scene.suite, "--out", scene.out, "--jobs", "2"});
  wait_for_records(scene.out, 3);
  bench.signal(SIGKILL);
  EXPECT_EQ(bench.wait().signal, SIGKILL);
  EXPECT_TRUE(nothing_left());
  resume_and_check(scene);
}

TEST(Killed, ATornLastLineIsCutOffWithAWarning) {
  const Scene scene;
  ASSERT_EQ(run_bench({"run", scene.suite, "--out", scene.out}).exit_code, 0);
  const auto size = fs::file_size(scene.out + "/results.jsonl");
  fs::resize_file(scene.out + "/results.jsonl", size - 7);
  const Finished resumed = run_bench({"run", scene.suite, "--resume", "--out", scene.out});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.output;
  EXPECT_THAT(resumed.output, HasSubstr("cut off an unfinished last line"));
  EXPECT_THAT(resumed.output, HasSubstr(fmt::format("{} finished before", kSmallSuiteCells - 1)));
  EXPECT_EQ(finished_ids(scene.out).size(), kSmallSuiteCells);
}

TEST(Interrupted, AClosedOutputLeavesNothingBehind) {
  const Scene scene;
  const Finished run = run_shell(fmt::format("{} run {} --out {} --jobs 2 | head -n 1",
                                             bench_program(), scene.suite, scene.out));
  EXPECT_THAT(run.output, HasSubstr("small:"));
  EXPECT_TRUE(nothing_left());
  EXPECT_LT(finished_ids(scene.out).size(), kSmallSuiteCells);
  EXPECT_FALSE(fs::exists(scene.out + "/cells"));
  const std::string scratch = read_environment(scene.out).fields.at("trials").at("folder");
  EXPECT_TRUE(scratch == scene.out || !fs::exists(scratch)) << scratch;
  resume_and_check(scene);
}

// One finished run of one cell, with everything that the command line can put in a suite's place.
class Resume : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    scene_ = new Scene(one_trial_suite());
    const Finished run = run_bench({"run", scene_->suite, "--out", scene_->out, "-s", "async", "-w",
                                    "digits-mlp:hidden=16", "--seed", "9"});
    ASSERT_EQ(run.exit_code, 0) << run.output;
  }
  static void TearDownTestSuite() { delete scene_; }

  Finished resume(const std::vector<std::string>& further, const std::string& out = "") const {
    std::vector<std::string> arguments{"run", "--resume", "--out", out.empty() ? scene_->out : out};
    arguments.insert(arguments.end(), further.begin(), further.end());
    return run_bench(arguments);
  }
  void expect_refused(const Finished& end, const std::string& says) const {
    EXPECT_EQ(end.exit_code, 2) << end.output;
    EXPECT_THAT(end.output, HasSubstr(says));
    EXPECT_EQ(std::count(end.output.begin(), end.output.end(), '\n'), 1) << end.output;
  }

  static Scene* scene_;
};
Scene* Resume::scene_ = nullptr;

TEST_F(Resume, NeedsOnlyTheFolder) {
  const Finished end = resume({});
  EXPECT_EQ(end.exit_code, 0) << end.output;
  EXPECT_THAT(end.output, HasSubstr("one: 1 cells, 1 finished before"));
}

TEST_F(Resume, TakesTheSameSelectionAgain) {
  const Finished end =
      resume({scene_->suite, "-s", "async", "-w", "digits-mlp:hidden=16", "--seed", "9"});
  EXPECT_EQ(end.exit_code, 0) << end.output;
}

TEST_F(Resume, RefusesWhatDiffers) {
  expect_refused(resume({"quick"}), "was run with the suite one");
  expect_refused(resume({"-s", "sync"}), "was run with --strategy async");
  expect_refused(resume({"-w", "digits-mlp"}), "was run with --workload digits-mlp:hidden=16");
  expect_refused(resume({"--kind", "measure"}), "was run with --kind of the suite");
  expect_refused(resume({"--seed", "99"}), "was run with --seed 9");
}

TEST_F(Resume, OrRepeatedInAnotherFolderWithTheSameSelection) {
  const std::string again = scene_->folder.path() + "/again";
  const Finished end = run_bench({"run", "--repeat", scene_->out, "--out", again});
  EXPECT_EQ(end.exit_code, 0) << end.output;
  EXPECT_THAT(end.output, HasSubstr("one: 1 cells, 0 finished before; results in " + again));
  EXPECT_EQ(finished_ids(again), finished_ids(scene_->out));
  const nlohmann::json first = read_environment(scene_->out).fields;
  const nlohmann::json second = read_environment(again).fields;
  for (const char* key : {"suite", "suite_text", "selection", "seed", "strategies"}) {
    EXPECT_EQ(second.at(key), first.at(key)) << key;
  }
}

TEST_F(Resume, ARepeatThatAsksForSomethingElseIsRefused) {
  const auto repeat = [](std::vector<std::string> further) {
    further.insert(further.begin(), {"run", "--repeat", scene_->out});
    return run_bench(further);
  };
  expect_refused(repeat({"quick"}), "was run with the suite one");
  expect_refused(repeat({"-s", "sync"}), "was run with --strategy async");
  expect_refused(repeat({"--out", scene_->out}), "holds the results of a run");
  expect_refused(repeat({"--resume", "--out", scene_->out}), "expected one of them");
  expect_refused(run_bench({"run", "--repeat", scene_->folder.path() + "/none"}), "does not exist");
}

TEST_F(Resume, RefusesAFolderThatIsNoRun) {
  const std::string none = scene_->folder.path() + "/outt";
  expect_refused(resume({}, none), "does not exist");
  EXPECT_FALSE(fs::exists(none));
  expect_refused(resume({}, scene_->folder.path()), "has no environment.json");
}

TEST(ResumePython, RefusesAnotherSourceOfAUsersStrategy) {
  const Scene scene(one_trial_suite());
  const std::string file = scene.folder.path() + "/mine.py";
  std::ofstream(file) << "import os, torch\nclass Mine:\n"
                         "  def __init__(self, directory): self.path = directory + '/x.pt'\n"
                         "  def save(self, state, step): torch.save((state, step), self.path)\n"
                         "  def restore(self): return torch.load(self.path) if "
                         "os.path.exists(self.path) else None\n";
  run_bench({"run", scene.suite, "--out", scene.out, "-s", "python:" + file + ":Mine"});
  const nlohmann::json fields = read_environment(scene.out).fields;
  const nlohmann::json& row = fields.at("strategies").at(0);
  EXPECT_THAT(row.at("source_text").get<std::string>(), HasSubstr("class Mine"));
  EXPECT_TRUE(fields.at("python").at("packages").contains("torch")) << fields.at("python");
  std::ofstream(file, std::ios::app) << "# changed\n";
  const Finished end = run_bench({"run", "--resume", "--out", scene.out});
  EXPECT_EQ(end.exit_code, 2) << end.output;
  EXPECT_THAT(end.output, HasSubstr("was run with another " + file));
  const Finished repeated = run_bench({"run", "--repeat", scene.out, "--out", scene.out + "-2"});
  EXPECT_EQ(repeated.exit_code, 2) << repeated.output;
  EXPECT_THAT(repeated.output, HasSubstr("was run with another " + file));
}

}  // namespace
}  // namespace ckptbench
