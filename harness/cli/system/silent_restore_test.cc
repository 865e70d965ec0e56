// Restores that end their process or hang, and runs that hang without any fault, through the real
// worker: what else loads, and how often a deadline is waited for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "harness/cli/system/bench_process.h"
#include "harness/cli/system/numbered_files.h"
#include "harness/core/selection_text.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSilentClasses = R"(
import os, time, torch

class Numbered(NumberedFiles):
    def give_up(self):
        os._exit(1)
    def ends(self, step):
        return step is None
    def restore(self, step=None):
        if self.list() and self.ends(step):
            self.give_up()
        return (torch.load(self.path(step)), step) if step else None

class EndsOnNewest(Numbered):
    pass

class HangsOnNewest(Numbered):
    def give_up(self):
        time.sleep(1000)

class EndsOnNewestByNumberToo(Numbered):
    def ends(self, step):
        return step is None or step == self.list()[0]

class LeavesOnNewestByNumberToo(EndsOnNewestByNumberToo):
    def give_up(self):
        os._exit(0)

class EndsOnEach(Numbered):
    def ends(self, step):
        return True
)";

class SilentRestore : public testing::Test {
 protected:
  // One trial that nothing disturbs of each; the first record of each class.
  std::vector<Record> run(const std::string& strategies) {
    const std::string suite = write_suite(folder_.path(), R"(name = "silent"
seed = 1
[[trial]]
workloads = ["digits-mlp"]
strategies = [)" + strategies + R"(]
policy = {every_steps = 2, keep_last = 2}
steps = 7
more_steps = 2
deadline_s = 5
)");
    const std::string out = folder_.path() + "/out";
    output_ = run_bench({"run", suite, "--out", out}).output;
    auto stored = read_records(out + "/results.jsonl");
    return stored ? std::move(stored).value().records : std::vector<Record>{};
  }

  TempDir folder_ = fresh_folder();
  std::string output_;
};

const Verdict& verdict_of(const std::vector<Record>& records, const std::string& class_name) {
  const auto found = std::find_if(records.begin(), records.end(), [&](const Record& record) {
    return selection_text(record.cell.strategy).ends_with(".py:" + class_name);
  });
  if (found == records.end()) throw std::runtime_error("no record of " + class_name);
  return found->verdict.value();
}

TEST_F(SilentRestore, FurtherProcessesAskByNumber) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  const std::string file = folder_.path() + "/mine.py";
  std::ofstream(file) << kNumberedFiles << kSilentClasses;
  std::string strategies;
  for (const char* name : {"EndsOnNewest", "HangsOnNewest", "EndsOnNewestByNumberToo",
                           "LeavesOnNewestByNumberToo", "EndsOnEach"}) {
    strategies += "\"python:" + file + ":" + name + "\", ";
  }
  const std::vector<Record> records = run(strategies);
  ASSERT_EQ(records.size(), 5U) << output_;
  EXPECT_EQ(short_text(verdict_of(records, "EndsOnNewest")), "NO-FALLBACK(0) +RESTORE-CRASHED");
  EXPECT_EQ(short_text(verdict_of(records, "HangsOnNewest")), "NO-FALLBACK(0) +HANG");
  const Verdict& older = verdict_of(records, "EndsOnNewestByNumberToo");
  EXPECT_EQ(short_text(older), "NO-FALLBACK(2) +RESTORE-CRASHED") << older.explanation;
  const Verdict& left = verdict_of(records, "LeavesOnNewestByNumberToo");
  EXPECT_EQ(short_text(left), "NO-FALLBACK(2) +RESTORE-CRASHED") << left.explanation;
  const Verdict& none = verdict_of(records, "EndsOnEach");
  EXPECT_EQ(short_text(none), "DETECTED-UNRECOVERABLE +RESTORE-CRASHED");
  EXPECT_THAT(none.explanation,
              HasSubstr("asked for by number: seq 6: the process exited with code 1, seq 4: the "
                        "process exited with code 1, seq 2: the process exited with code 1"));
}

// The undisturbed run is this trial: it is not made, and waited for, once more.
TEST_F(SilentRestore, ARunThatHangsWithoutAFaultIsWaitedForOnce) {
  const std::vector<Record> records = run("\"broken-hang\"");
  ASSERT_EQ(records.size(), 1U) << output_;
  const Verdict& verdict = records[0].verdict.value();
  EXPECT_EQ(short_text(verdict), "NOT-RUN +HANG") << verdict.explanation;
  EXPECT_THAT(verdict.explanation, HasSubstr("stacks in "));
  EXPECT_THAT(records[0].observed.value("baseline_folder", ""), HasSubstr("/undisturbed-"));
  EXPECT_THAT(output_, HasSubstr("broken-hang"));
}

}  // namespace
}  // namespace ckptbench
