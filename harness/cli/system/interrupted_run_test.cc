// A run that is interrupted, politely or not, leaves no process, keeps what is finished, and ends
// with the same set of cells when it is resumed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "harness/cli/system/bench_process.h"

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
  const Finished resumed = run_bench({"run", scene.suite, "--resume", "--out", scene.out});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.output;
  EXPECT_EQ(finished_ids(scene.out).size(), kSmallSuiteCells);
  EXPECT_TRUE(nothing_left());
  EXPECT_FALSE(fs::exists(scene.out + "/cells"));
}

class Interrupted : public ::testing::TestWithParam<int> {};

TEST_P(Interrupted, KeepsWhatIsFinishedAndLeavesNothingBehind) {
  const Scene scene;
  BenchProcess bench({"run", scene.suite, "--out", scene.out, "--jobs", "2"});
  wait_for_records(scene.out, 3);
  bench.signal(GetParam());
  const ExitStatus status = bench.wait();
  EXPECT_TRUE(status.exited);
  EXPECT_EQ(status.exit_code, 3) << bench.output();
  EXPECT_THAT(bench.output(), HasSubstr("--resume"));
  EXPECT_TRUE(nothing_left());
  EXPECT_FALSE(fs::exists(scene.out + "/cells"));
  const size_t finished = finished_ids(scene.out).size();
  EXPECT_GE(finished, 3u);
  EXPECT_LT(finished, kSmallSuiteCells);
  resume_and_check(scene);
}

INSTANTIATE_TEST_SUITE_P(Signals, Interrupted, ::testing::Values(SIGINT, SIGTERM));

TEST(Killed, LeavesNoProcessAndIsResumed) {
  const Scene scene;
  BenchProcess bench({"run", scene.suite, "--out", scene.out, "--jobs", "2"});
  wait_for_records(scene.out, 3);
  bench.signal(SIGKILL);
  EXPECT_EQ(bench.wait().signal, SIGKILL);
  EXPECT_TRUE(nothing_left());
  resume_and_check(scene);
}

TEST(Killed, ATornLastLineIsSkippedAloud) {
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

TEST(Resume, RefusesAnotherSuite) {
  const Scene scene(one_trial_suite());
  ASSERT_EQ(run_bench({"run", scene.suite, "--out", scene.out}).exit_code, 0);
  const Finished other =
      run_bench({"run", scene.suite, "--resume", "--out", scene.out, "--seed", "99"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.output, HasSubstr("another suite or seed"));
}

}  // namespace
}  // namespace ckptbench
