// Kills in a recovery: what a strategy does when it is opened after a kill is under the fault, too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "harness/cli/system/bench_process.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;

// Right, but for its tidying up: for a moment the only checkpoint has another name.
constexpr const char* kTidies = R"(
import os, torch

class Tidies:
    def __init__(self, directory):
        self.path = os.path.join(directory, "checkpoint.pt")
        if os.path.exists(self.path):
            os.rename(self.path, self.path + ".old")
            os.rename(self.path + ".old", self.path)
    def save(self, state, step):
        with open(self.path + ".tmp", "wb") as file:
            torch.save({"step": step, "state": state}, file)
        os.rename(self.path + ".tmp", self.path)
    def restore(self):
        if not os.path.exists(self.path):
            return None
        checkpoint = torch.load(self.path)
        return checkpoint["state"], checkpoint["step"]
)";

// Right: its index names its files by whole paths, and what the index no longer names is deleted.
// Refuses, as if it were damaged, where its files are not where they were written.
constexpr const char* kWholePaths = R"(
import json, os, torch

class WholePaths:
    def __init__(self, directory):
        self.directory = directory
        self.index = os.path.join(directory, "index.json")
    def named(self):
        if not os.path.exists(self.index):
            return []
        with open(self.index) as file:
            return json.load(file)
    def save(self, state, step):
        path = os.path.join(self.directory, f"step-{step}.pt")
        with open(path + ".tmp", "wb") as file:
            torch.save({"step": step, "state": state}, file)
        os.rename(path + ".tmp", path)
        before = self.named()
        with open(self.index + ".tmp", "w") as file:
            json.dump([path] + [old for old in before if old != path][:1], file)
        os.rename(self.index + ".tmp", self.index)
        for old in before[1:]:
            if old != path and os.path.exists(old):
                os.unlink(old)
    def restore(self):
        named = self.named()
        if not named:
            return None
        if os.path.dirname(named[0]) != self.directory:
            raise OSError("not where it was written")
        checkpoint = torch.load(named[0])
        return checkpoint["state"], checkpoint["step"]
)";

// End by themselves in the third restore of all their processes.
constexpr const char* kDiesInTheThird = R"(
class DiesInTheThirdRestore(Tidies):
    code = 1
    def restore(self):
        counter = os.path.join(os.path.dirname(os.path.abspath(__file__)), type(self).__name__)
        with open(counter, "ab") as file:
            file.write(b".")
            if file.tell() == 3:
                os._exit(self.code)
        return super().restore()

class LeavesInTheThirdRestore(DiesInTheThirdRestore):
    code = 0
)";

// These strategies, killed in a recovery.
std::string recovery_table(const std::string& strategies, const std::string& seeds,
                           const std::string& file_ops) {
  return "[[trial]]\nworkloads = [\"digits-mlp\"]\nstrategies = [" + strategies +
         "]\nseeds = " + seeds +
         "\npolicy = {every_steps = 2}\nsteps = 7\nmore_steps = 2\ndeadline_s = 30\n"
         "file_ops = {during = \"recovery\", " +
         file_ops + "}\n";
}

std::vector<Record> run(const TempDir& folder, const std::string& tables) {
  const std::string suite = write_suite(folder.path(), "name = \"recovery\"\nseed = 1\n" + tables);
  const Finished finished = run_bench({"run", suite, "--out", folder.path() + "/out"});
  auto stored = read_records(folder.path() + "/out/results.jsonl");
  if (!stored) throw std::runtime_error(finished.output);
  return std::move(stored).value().records;
}

// One run of all Python classes: starting Python takes longer than the trials.
class PythonRecoveries {
 public:
  PythonRecoveries() {
    const std::string file = folder_.path() + "/own.py";
    std::ofstream(file) << kTidies << kWholePaths << kDiesInTheThird;
    const auto named = [&](const char* name) { return "\"python:" + file + ":" + name + "\""; };
    records_ = run(
        folder_,
        recovery_table(named("Tidies"), "[1, 2, 3, 4, 5, 6]",
                       "operations = [\"rename\"], path = \"checkpoint.pt\", when = [\"after\"], "
                       "occurrences = [1]") +
            recovery_table(named("WholePaths"), "[1, 2, 3]",
                           "when = [\"before\", \"after\"], count = 3") +
            recovery_table(named("DiesInTheThirdRestore") + ", " + named("LeavesInTheThirdRestore"),
                           "[1]",
                           "operations = [\"open\"], when = [\"after\"], occurrences = [9]"));
  }
  std::vector<Record> of(const std::string& class_name) const {
    return of_class(records_, class_name);
  }

 private:
  TempDir folder_ = fresh_folder();
  std::vector<Record> records_;
};

const PythonRecoveries& python_recoveries() {
  static const PythonRecoveries run;
  return run;
}

TEST(RecoveryKill, TidyingUpAtOpeningIsHit) {
  const std::vector<Record> records = python_recoveries().of("Tidies");
  // Not at every seed: the kill before it may come ahead of the first checkpoint.
  ASSERT_EQ(records.size(), 6u);
  const auto lost = std::find_if(records.begin(), records.end(), [](const Record& record) {
    return record.verdict->data == DataVerdict::kSilentRestart;
  });
  ASSERT_NE(lost, records.end());
  EXPECT_FALSE(lost->allowed);
  EXPECT_THAT(lost->point, HasSubstr("after rename checkpoint.pt #1"));
}

// The recovery that shows where the kill can land must not change the files that are judged.
TEST(RecoveryKill, OneThatWritesWholePathsIsNotAccused) {
  const std::vector<Record> records = python_recoveries().of("WholePaths");
  ASSERT_EQ(records.size(), 18u);
  size_t met = 0;
  for (const Record& record : records) {
    EXPECT_TRUE(record.allowed) << record.cell.id << record.verdict->explanation;
    met += !record.verdict->outcome;
  }
  EXPECT_GE(met, 12u) << "else no recovery was killed";
}

// Two recoveries show where the kill can land; the third, which is to be killed, dies before that.
TEST(RecoveryKill, OneThatDiesByItselfIsNotTriedAgain) {
  for (const char* name : {"DiesInTheThirdRestore", "LeavesInTheThirdRestore"}) {
    const std::vector<Record> records = python_recoveries().of(name);
    ASSERT_EQ(records.size(), 1u) << name;
    const Record& record = records.front();
    EXPECT_FALSE(record.allowed) << name << record.verdict->explanation;
    EXPECT_EQ(short_text(*record.verdict), "DETECTED-UNRECOVERABLE +RESTORE-CRASHED") << name;
    EXPECT_FALSE(record.observed.contains("runs")) << name << record.observed;
  }
}

TEST(RecoveryKill, TheShippedStrategiesSurviveIt) {
  const TempDir folder = fresh_folder();
  const auto records =
      run(folder, recovery_table("\"sync\", \"async\", \"incremental\"", "[1]",
                                 "when = [\"before\", \"after\", \"partial\"], count = 3"));
  ASSERT_EQ(records.size(), 27u);
  for (const Record& record : records) {
    EXPECT_TRUE(record.allowed) << record.cell.id << record.verdict->explanation;
    EXPECT_TRUE(record.verdict->data) << record.cell.id << record.verdict->explanation;
    EXPECT_FALSE(record.point.empty()) << record.cell.id;
  }
}

}  // namespace
}  // namespace ckptbench
