// A resumed run changes nothing that is not its own: not the files of a run that is still at work
// in the folder, and not what is recorded of the parts before.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>

#include <filesystem>
#include <map>

#include "harness/cli/system/bench_process.h"
#include "harness/platform/unique_fd.h"
#include "harness/run/environment_file.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

// As a run at work holds it.
UniqueFd locked(const std::string& results) {
  UniqueFd file(::open(results.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file || ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    throw std::runtime_error(results + ": cannot be locked");
  }
  return file;
}

// Every path below the folder; the bytes of those that are files.
std::map<std::string, std::string> contents(const std::string& folder) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string path = entry.path().string();
    found[path] = entry.is_regular_file() ? read_file(path).value() : "";
  }
  return found;
}

class ResumeOfAPart : public testing::Test {
 protected:
  ResumeOfAPart() {
    BenchProcess bench(
        {"run", write_suite(folder_.path(), small_suite()), "--out", out_, "--jobs", "2"});
    wait_for_records(out_, 2);
    bench.signal(SIGKILL);
    bench.wait();
    EXPECT_TRUE(nothing_left());
    EXPECT_LT(finished_ids(out_).size(), kSmallSuiteCells);
  }
  Finished resume() const { return run_bench({"run", "--resume", "--out", out_}); }
  nlohmann::json environment() const { return read_environment(out_).fields; }

  TempDir folder_ = fresh_folder();
  std::string out_ = folder_.path() + "/out";
};

TEST_F(ResumeOfAPart, LeavesTheFilesOfARunAtWork) {
  fs::create_directories(out_ + "/cells/measure-at-work");
  const std::string scratch = environment().at("trials").at("folder");
  const auto before = contents(out_);
  const auto scratch_before = contents(scratch);
  {
    const UniqueFd lock = locked(out_ + "/results.jsonl");
    const Finished refused = resume();
    EXPECT_EQ(refused.exit_code, 4) << refused.output;
    EXPECT_THAT(refused.output, HasSubstr("another run is writing to it"));
  }
  EXPECT_EQ(contents(out_), before);
  ASSERT_TRUE(fs::exists(scratch));
  EXPECT_EQ(contents(scratch), scratch_before);
  EXPECT_EQ(resume().exit_code, 0);
  EXPECT_EQ(finished_ids(out_).size(), kSmallSuiteCells);
}

TEST_F(ResumeOfAPart, KeepsWhatIsRecordedAndAddsItsOwn) {
  const nlohmann::json first = environment();
  ASSERT_EQ(resume().exit_code, 0);
  nlohmann::json whole = environment();
  ASSERT_TRUE(whole.contains("resumed"));
  ASSERT_EQ(whole.at("resumed").size(), 1U);
  const nlohmann::json& part = whole.at("resumed").at(0);
  EXPECT_GE(part.at("started_utc").get<std::string>(), first.at("started_utc"));
  EXPECT_GT(part.at("trials").at("recorded").get<uint64_t>(), 0U);
  whole.erase("resumed");
  EXPECT_EQ(whole, first);
}

TEST_F(ResumeOfAPart, ADryRunPrintsWhatIsLeftAndRunsNothing) {
  const auto finished = finished_ids(out_);
  const Finished dry = run_bench({"run", "--resume", "--dry-run", "--out", out_});
  EXPECT_EQ(dry.exit_code, 0) << dry.output;
  for (const std::string& id : finished) EXPECT_THAT(dry.output, Not(HasSubstr(id + "  ")));
  EXPECT_THAT(dry.output,
              HasSubstr(fmt::format("\n{} cells\n", kSmallSuiteCells - finished.size())));
  EXPECT_EQ(finished_ids(out_), finished);
}

TEST(ResumeOfAWhole, ChangesNothingThatIsRecorded) {
  const TempDir folder = fresh_folder();
  const std::string out = folder.path() + "/out";
  ASSERT_EQ(
      run_bench({"run", write_suite(folder.path(), one_trial_suite()), "--out", out}).exit_code, 0);
  const auto before = contents(out);
  const Finished resumed = run_bench({"run", "--resume", "--out", out});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.output;
  EXPECT_THAT(resumed.output, HasSubstr("1 cells, 1 finished before"));
  EXPECT_EQ(read_file(out + "/environment.json").value(), before.at(out + "/environment.json"));
  EXPECT_EQ(read_file(out + "/results.jsonl").value(), before.at(out + "/results.jsonl"));
}

TEST(ResumeOfAWhole, KeepsTheFilesOfARunThatWasMoved) {
  const TempDir folder = fresh_folder();
  const std::string out = folder.path() + "/out";
  const std::string suite = write_suite(folder.path(), one_trial_suite());
  ASSERT_EQ(run_bench({"run", suite, "--keep", "--out", out}).exit_code, 0);
  const std::string moved = folder.path() + "/moved";
  fs::rename(out, moved);
  const auto before = contents(moved + "/cells");
  ASSERT_FALSE(before.empty());
  EXPECT_EQ(run_bench({"run", "--resume", "--out", moved}).exit_code, 0);
  EXPECT_EQ(contents(moved + "/cells"), before);
}

// Before a new run has recorded anything, the lock alone shows that the folder is in use.
TEST(NewRun, LeavesTheFilesOfARunAtWork) {
  const TempDir folder = fresh_folder();
  const std::string out = folder.path() + "/out";
  const std::string suite = write_suite(folder.path(), one_trial_suite());
  fs::create_directory(out);
  {
    const UniqueFd lock = locked(out + "/results.jsonl");
    for (const char* command : {"run", "selftest"}) {
      const Finished refused = run_bench({command, suite, "--out", out});
      EXPECT_EQ(refused.exit_code, 4) << refused.output;
      EXPECT_THAT(refused.output, HasSubstr("another run is writing to it"));
    }
    EXPECT_EQ(contents(out).size(), 1U);
  }
  EXPECT_EQ(run_bench({"run", suite, "--out", out}).exit_code, 0);
}

}  // namespace
}  // namespace ckptbench
