// Where the files of trials lie while they run, and what is left of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <filesystem>

#include "harness/cli/system/bench_process.h"
#include "harness/platform/files.h"
#include "harness/platform/testing/private_mount.h"
#include "harness/run/environment_file.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(Scratch, KeptFilesLieBelowTheResultsAndNothingElseIsLeft) {
  const TempDir folder = fresh_folder();
  const std::string out = folder.path() + "/out";
  const std::string scratch = folder.path() + "/scratch";
  fs::create_directory(scratch);
  const Finished run = run_bench({"run", write_suite(folder.path(), one_trial_suite()), "--out",
                                  out, "--scratch", scratch, "--keep"});
  ASSERT_EQ(run.exit_code, 0) << run.output;
  EXPECT_TRUE(fs::is_empty(scratch));
  size_t trials = 0;
  const auto stored = read_records(out + "/results.jsonl");
  ASSERT_TRUE(stored);
  for (const Record& record : stored.value().records) {
    if (!record.verdict) continue;
    ++trials;
    const std::string kept = record.observed.value("folder", "");
    EXPECT_TRUE(kept.starts_with(out + "/cells/")) << kept;
    EXPECT_TRUE(fs::exists(kept + "/cell.json")) << kept;
    EXPECT_EQ(record.observed.at("storage").at("folder"), scratch);
  }
  EXPECT_GT(trials, 0U);
}

TEST(Scratch, AFolderThatDoesNotExistIsRefusedAndNotMade) {
  const TempDir folder = fresh_folder();
  const std::string scratch = folder.path() + "/nosuch/scratch";
  const std::string out = folder.path() + "/out";
  const std::string suite = write_suite(folder.path(), one_trial_suite());
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"run", suite, "--out", out}, {"selftest", suite, "--out", out}}) {
    std::vector<std::string> with = arguments;
    with.insert(with.end(), {"--scratch", scratch});
    const Finished end = run_bench(with);
    EXPECT_EQ(end.exit_code, 2) << end.output;
    EXPECT_THAT(end.output, HasSubstr(scratch + ": does not exist"));
    EXPECT_FALSE(fs::exists(folder.path() + "/nosuch"));
    EXPECT_FALSE(fs::exists(out));
  }
}

// 16 MB of a state of 8: the third save, while two are kept, has no room.
std::string wrong_on_a_full_disk(const std::string& folder, const std::string& scratch) {
  if (::mount("none", scratch.c_str(), nullptr, MS_REMOUNT, "size=20m") != 0) return "no remount";
  const std::string suite = R"(name = "full"
[[trial]]
workloads = [{name = "shapes", bytes = 8000000, compute_ms = 0}]
strategies = ["sync"]
policy = {every_steps = 2, keep_last = 2}
steps = 8
moments = {count = 1}
[[trial]]
workloads = [{name = "shapes", bytes = 8000000, compute_ms = 0}]
strategies = ["sync"]
policy = {every_steps = 2, keep_last = 2}
steps = 8
)";
  const std::string out = folder + "/out";
  const Finished run = run_bench(
      {"run", write_suite(folder, suite), "--out", out, "--scratch", scratch, "--jobs", "1"});
  if (run.exit_code != 3) return "exit code " + std::to_string(run.exit_code) + run.output;
  const auto stored = read_records(out + "/results.jsonl");
  if (!stored || stored.value().records.size() != 2) return "not two records";
  for (const Record& record : stored.value().records) {
    const Verdict& verdict = *record.verdict;
    if (verdict.outcome != HarnessOutcome::kHarnessError || !verdict.findings.empty() ||
        !verdict.explanation.starts_with("no room in " + scratch)) {
      return verdict.explanation;
    }
  }
  return "";
}

TEST(Scratch, AFullDiskIsNotChargedToTheStrategy) {
  const TempDir folder = fresh_folder();
  const std::string scratch = folder.path() + "/scratch";
  fs::create_directory(scratch);
  const MountedRun run =
      run_mounted("tmpfs", scratch, [&] { return wrong_on_a_full_disk(folder.path(), scratch); });
  if (!run.refused.empty()) GTEST_SKIP() << run.refused;
  EXPECT_EQ(run.failure, "");
}

TEST(Scratch, ItIsRecordedWithTheRateOfTheTrialsAndGone) {
  const TempDir folder = fresh_folder();
  const std::string out = folder.path() + "/out";
  const Finished run =
      run_bench({"run", write_suite(folder.path(), one_trial_suite()), "--out", out});
  ASSERT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(run.output, HasSubstr("per second per core"));
  const nlohmann::json trials = read_environment(out).fields.at("trials");
  const std::string used = trials.at("folder");
  EXPECT_TRUE(used == out || !fs::exists(used)) << used;
  EXPECT_FALSE(fs::exists(out + "/cells"));
  EXPECT_GT(trials.at("recorded").get<uint64_t>(), 0U);
  EXPECT_GT(trials.at("per_second_per_core").get<double>(), 0);
}

}  // namespace
}  // namespace ckptbench
