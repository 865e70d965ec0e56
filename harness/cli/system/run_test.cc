// ckptbench as a user meets it: suites, names, exit codes, replay.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>

#include "harness/cli/system/bench_process.h"
#include "harness/platform/testing/file_size_limit.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

TEST(Run, QuickSuiteEndToEnd) {
  const TempDir folder = fresh_folder();
  const std::string out = folder.path() + "/out";
  const Finished run = run_bench({"run", "quick", "--out", out});
  EXPECT_EQ(run.exit_code, 0) << run.output;
  EXPECT_TRUE(nothing_left());
  for (const char* file : {"results.jsonl", "environment.json", "report.html", "results.csv"}) {
    EXPECT_TRUE(fs::exists(out + "/" + file)) << file;
  }
  EXPECT_THAT(run.output, HasSubstr("report.html"));
  // Only kept evidence may stay, and a run in which all went well keeps none.
  EXPECT_FALSE(fs::exists(out + "/cells")) << run.output;
}

// This thread on one of its cores, as long as it lives; the processes that it starts as well.
class OneCore {
 public:
  OneCore() {
    EXPECT_EQ(::sched_getaffinity(0, sizeof before_, &before_), 0);
    int core = 0;
    while (!CPU_ISSET(core, &before_)) ++core;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    EXPECT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  }
  OneCore(const OneCore&) = delete;
  OneCore& operator=(const OneCore&) = delete;
  ~OneCore() { EXPECT_EQ(::sched_setaffinity(0, sizeof before_, &before_), 0); }

 private:
  cpu_set_t before_{};
};

TEST(Run, TakesTheCoresThatItMayRunOnAndNotThoseOfTheMachine) {
  const TempDir folder = fresh_folder();
  const std::string suite = write_suite(folder.path(), one_trial_suite());
  const OneCore alone;
  const Finished run = run_bench({"run", suite, "--out", folder.path() + "/out"});
  EXPECT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(run.output, HasSubstr("1 trial in "));
  EXPECT_THAT(run.output, HasSubstr(" s on 1 core: "));
}

TEST(Run, DryRunNamesTheCellsAndTouchesNothing) {
  const TempDir folder = fresh_folder();
  const std::string suite = write_suite(folder.path(), small_suite());
  const std::string out = folder.path() + "/out";
  const Finished run = run_bench({"run", suite, "--dry-run", "--out", out});
  EXPECT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(run.output, HasSubstr("trial.digits-mlp.sync.file_op-any-share1-before.s3"));
  EXPECT_THAT(run.output, HasSubstr(fmt::format("{} cells", kSmallSuiteCells)));
  EXPECT_FALSE(fs::exists(out));
}

TEST(Run, ADryRunOfAPolicyThatNeverSavesEndsAsTheRunDoes) {
  const TempDir folder = fresh_folder();
  std::string text = one_trial_suite();
  text.replace(text.find("every_steps = 2"), 15, "every_steps = 9");
  const std::string suite = write_suite(folder.path(), text);
  const Finished dry = run_bench({"run", suite, "--dry-run"});
  const Finished run = run_bench({"run", suite, "--out", folder.path() + "/out"});
  EXPECT_EQ(run.exit_code, 3) << run.output;
  EXPECT_EQ(dry.exit_code, run.exit_code) << dry.output;
  const std::string why = "the policy requested no save in an undisturbed run";
  EXPECT_THAT(dry.output, HasSubstr(why));
  EXPECT_THAT(read_file(folder.path() + "/out/results.jsonl").value(), HasSubstr(why));
}

TEST(Run, TheWorkloadThatTheHelpShowsIsAccepted) {
  const Finished help = run_bench({"run", "--help"});
  const size_t at = help.output.find("char-gpt:");
  ASSERT_NE(at, std::string::npos) << help.output;
  const std::string workload = help.output.substr(at, help.output.find(' ', at) - at);
  const Finished run = run_bench({"run", "quick", "-w", workload, "--dry-run"});
  EXPECT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(help.output, HasSubstr("0, the default: the number of cores"));
}

TEST(Run, OverridesReplaceWhatTheSuiteSays) {
  const Finished run = run_bench({"run", "--strategy", "staged+raw@dir", "quick", "--workload",
                                  "digits-mlp:hidden=16", "--seed", "9", "--dry-run"});
  EXPECT_EQ(run.exit_code, 0) << run.output;
  EXPECT_THAT(run.output, HasSubstr("trial.digits-mlp-hidden-16.staged+raw-dir.moment-1.s9"));
  EXPECT_THAT(run.output, Not(HasSubstr("torch-save")));
}

TEST(Run, OfTheKindsThatAreAskedFor) {
  const auto dry = [](const std::vector<std::string>& kinds) {
    std::vector<std::string> arguments{"run", "quick", "--dry-run"};
    for (const std::string& kind : kinds) arguments.insert(arguments.end(), {"--kind", kind});
    return run_bench(arguments);
  };
  const Finished trials = dry({"trial"});
  EXPECT_EQ(trials.exit_code, 0) << trials.output;
  EXPECT_THAT(trials.output, HasSubstr("trial.digits-mlp.sync."));
  EXPECT_THAT(trials.output, Not(HasSubstr("measure.digits-mlp")));
  const Finished measured = dry({"measure"});
  EXPECT_THAT(measured.output, HasSubstr("measure.digits-mlp.sync"));
  EXPECT_THAT(measured.output, Not(HasSubstr("trial.digits-mlp")));
  EXPECT_EQ(dry({"trial", "measure"}).output, dry({}).output);
}

TEST(Run, AVerdictThatIsNotAllowedIsExitCode1) {
  const TempDir folder = fresh_folder();
  const std::string suite = write_suite(folder.path(), R"(name = "limited"
seed = 1
[[trial]]
workloads = [{name = "shapes", bytes = 33554432, compute_ms = 0}]
strategies = ["sync"]
policy = {every_steps = 2, keep_last = 2}
steps = 3
more_steps = 1
deadline_s = 60
)");
  const std::string out = folder.path() + "/out";
  const FileSizeLimit limit(16 << 20);  // no checkpoint fits, everything else does
  const Finished run = run_bench({"run", suite, "--out", out});
  EXPECT_EQ(run.exit_code, 1) << run.output;
  EXPECT_THAT(run.output, HasSubstr("File too large"));
  EXPECT_THAT(run.output, HasSubstr("DETECTED-UNRECOVERABLE"));
  EXPECT_THAT(run.output, HasSubstr(bench_program() + " replay trial."));
  EXPECT_THAT(run.output, HasSubstr(" --results " + out));
  EXPECT_TRUE(fs::exists(out + "/report.html"));
}

TEST(Run, ABrokenStrategyThatGoesUncaughtIsExitCode3) {
  const TempDir folder = fresh_folder();
  std::string text = one_trial_suite();
  text.replace(text.find("sync"), 4, "broken-leak");
  text.erase(text.find("moments"));
  const std::string out = folder.path() + "/out";
  const Finished run = run_bench({"run", write_suite(folder.path(), text), "--out", out});
  EXPECT_EQ(run.exit_code, 3) << run.output;  // two saves: too few for a leak to show
  EXPECT_THAT(run.output, HasSubstr("NOT CAUGHT"));
}

TEST(Run, UnknownNamesAreRefusedBeforeAnythingRuns) {
  const TempDir folder = fresh_folder();
  const std::string out = folder.path() + "/out";
  struct {
    std::vector<std::string> arguments;
    std::string says;
  } const cases[] = {
      {{"run", "quick", "--strategy", "snyc"}, "did you mean 'sync'"},
      {{"run", "quick", "--workload", "digits-mpl"}, "did you mean 'digits-mlp'"},
      {{"run", "quick", "--strategy", "sync:fsnyc=true"}, "did you mean 'fsync'"},
      {{"run", "quick", "--strategy", "mine.py:Mine"}, "did you mean 'python:mine.py:Mine'?"},
      {{"run", "quick", "--strategy", "sync:fsync=maybe"}, "expected true or false"},
      {{"run", "quick", "--kind", "trail"}, "did you mean 'trial'"},
      {{"run", "quick", "--kind", "sweep"}, "no cell of kind sweep"},
      {{"run", "quik"}, "did you mean 'quick'"},
      {{"run", "none/such.toml"}, "none/such.toml"},
      {{"run", "quick", "--resme"}, "did you mean '--resume'"},
      {{"rnu"}, "did you mean 'run'"},
      {{"run", "quick", "--seed", "one"}, "one"},
      {{"replay", "none.json"}, "none.json"},
  };
  for (const auto& c : cases) {
    std::vector<std::string> arguments = c.arguments;
    if (arguments.front() == "run") arguments.insert(arguments.end(), {"--out", out});
    const Finished run = run_bench(arguments);
    EXPECT_EQ(run.exit_code, 2) << run.output;
    EXPECT_THAT(run.output, HasSubstr(c.says));
    EXPECT_FALSE(fs::exists(out)) << run.output;
  }
}

TEST(Run, AMistakeInTheSuiteNamesFileAndLine) {
  const TempDir folder = fresh_folder();
  std::string text = small_suite();
  text.replace(text.find("deadline_s"), 10, "deadlin_s");
  const Finished run = run_bench({"run", write_suite(folder.path(), text)});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.output, HasSubstr("suite.toml:9: unknown key"));
  EXPECT_THAT(run.output, HasSubstr("did you mean 'deadline_s'"));
}

TEST(Run, AMissingWorkerIsTheEnvironmentsFault) {
  const Finished run = run_bench({"--worker", "/none/ckpt-worker", "list"});
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_THAT(run.output, HasSubstr("/none/ckpt-worker"));
}

TEST(Run, AGpuThatIsNotThereIsFoundAtPlanning) {
  if (fs::exists("/dev/nvidiactl")) GTEST_SKIP() << "this machine has an NVIDIA GPU";
  const TempDir folder = fresh_folder();
  const Finished run = run_bench({"run", "gpu", "--out", folder.path() + "/out"});
  EXPECT_EQ(run.exit_code, 4) << run.output;
  EXPECT_EQ(std::count(run.output.begin(), run.output.end(), '\n'), 1) << run.output;
  const bool built = fs::exists(fs::path(bench_program()).parent_path() / "ckpt-worker-cuda");
  EXPECT_THAT(run.output, HasSubstr(built ? "no CUDA driver" : "ckpt-worker-cuda: not found"));
  EXPECT_FALSE(fs::exists(folder.path() + "/out"));
}

TEST(Run, AMissingPythonBridgeIsFoundAtPlanning) {
  const TempDir folder = fresh_folder();
  const fs::path built = fs::path(bench_program()).parent_path();
  for (const char* file : {"ckpt-worker", "libckptfault.so"}) {
    fs::copy(built / file, folder.path() + "/" + file);
  }
  const Finished run = run_bench({"--worker", folder.path() + "/ckpt-worker", "run", "quick", "-s",
                                  "python:torch_save", "--out", folder.path() + "/out"});
  EXPECT_EQ(run.exit_code, 4) << run.output;
  EXPECT_THAT(run.output, HasSubstr("without the Python bridge"));
  EXPECT_FALSE(fs::exists(folder.path() + "/out"));
}

TEST(Run, ResultsAreNotOverwritten) {
  for (const char* file : {"/results.jsonl", "/environment.json"}) {
    const TempDir folder = fresh_folder();
    ASSERT_TRUE(write_file_atomically(folder.path() + file, "{}\n", Sync::kNo).ok());
    const Finished run = run_bench({"run", "quick", "--out", folder.path()});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.output, HasSubstr("--resume"));
    EXPECT_EQ(read_file(folder.path() + file).value(), "{}\n");
  }
}

TEST(Run, AnOutThatIsAFileIsRefused) {
  const TempDir folder = fresh_folder();
  const std::string suite = write_suite(folder.path(), one_trial_suite());
  for (const std::string& out : {suite, suite + "/below"}) {
    const Finished run = run_bench({"run", suite, "--out", out});
    EXPECT_EQ(run.exit_code, 2) << run.output;
    EXPECT_THAT(run.output, HasSubstr("--out: " + suite + " is a file; expected a folder"));
    EXPECT_EQ(std::count(run.output.begin(), run.output.end(), '\n'), 1) << run.output;
  }
  EXPECT_EQ(read_file(suite).value(), one_trial_suite());
}

TEST(List, KnowsWorkloadsStrategiesAndParameters) {
  const Finished list = run_bench({"list"});
  EXPECT_EQ(list.exit_code, 0);
  for (const char* name :
       {"digits-mlp", "char-gpt", "sync", "torch-save", "planes+zstd", "fsync"}) {
    EXPECT_THAT(list.output, HasSubstr(name));
  }
}

const Record* find_record(const std::vector<Record>& records, const std::string& part) {
  for (const Record& record : records) {
    if (record.cell.id.find(part) != std::string::npos) return &record;
  }
  return nullptr;
}

TEST(Replay, ComesToTheSameVerdict) {
  const TempDir folder = fresh_folder();
  const std::string out = folder.path() + "/out";
  const Finished run = run_bench({"run", write_suite(folder.path(), small_suite()), "--out", out});
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const auto stored = read_records(out + "/results.jsonl");
  ASSERT_TRUE(stored.ok());
  std::vector<const char*> parts{"torch-save.file_op-any-share1"};
  if (!kSanitized) parts.push_back("sync.file_op-any-share1");
  for (const char* part : parts) {
    const Record* record = find_record(stored.value().records, part);
    ASSERT_NE(record, nullptr);
    const std::string files = folder.path() + "/" + part;
    const Finished replay =
        run_bench({"replay", record->cell.id, "--results", out, "--out", files});
    EXPECT_EQ(replay.exit_code, 0) << replay.output;
    EXPECT_THAT(replay.output, HasSubstr(record->cell.id + " " + short_text(*record->verdict)));
    EXPECT_THAT(replay.output, EndsWith("as recorded: " + short_text(*record->verdict) + "\n"));
    EXPECT_THAT(replay.output, HasSubstr("\"event\":\"requested\""));
    EXPECT_TRUE(fs::exists(files + "/checkpoints"));
    const Finished in_file =
        run_bench({"replay", record->cell.id, "--results", out, "--out", files + "/cell.json"});
    EXPECT_EQ(in_file.exit_code, 2) << in_file.output;
    EXPECT_THAT(in_file.output, HasSubstr(files + "/cell.json is a file; expected a folder"));
    const Finished by_file = run_bench({"replay", files + "/cell.json", "--out", files + "-2"});
    EXPECT_THAT(by_file.output, HasSubstr(short_text(*record->verdict)));
  }
  EXPECT_TRUE(nothing_left());
}

TEST(Report, IsMadeAgainFromTheResultsAlone) {
  const TempDir folder = fresh_folder();
  const std::string out = folder.path() + "/out";
  const std::string suite = write_suite(folder.path(), one_trial_suite());
  ASSERT_EQ(run_bench({"run", suite, "--out", out}).exit_code, 0);
  fs::remove(out + "/report.html");
  const Finished report = run_bench({"report", out});
  EXPECT_EQ(report.exit_code, 0) << report.output;
  EXPECT_TRUE(fs::exists(out + "/report.html"));
  EXPECT_EQ(run_bench({"report", folder.path() + "/none"}).exit_code, 2);
}

}  // namespace
}  // namespace ckptbench
