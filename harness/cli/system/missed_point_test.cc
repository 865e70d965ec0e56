// A run may lack the point at which it is to be killed: how many files a strategy writes, and under
// which names, may differ from run to run. Through the real worker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "harness/cli/system/bench_process.h"
#include "harness/core/json_text.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Each is right, but its first runs, or its later ones, do something more.
constexpr const char* kVarying = R"(
import os, torch

class Same:
    def __init__(self, directory):
        self.directory = directory
    def write(self, state, step):
        path = os.path.join(self.directory, "checkpoint.pt")
        torch.save({"step": step, "state": state}, path + ".tmp")
        os.rename(path + ".tmp", path)
    def save(self, state, step):
        self.write(state, step)
    def restore(self):
        path = os.path.join(self.directory, "checkpoint.pt")
        if not os.path.exists(path):
            return None
        checkpoint = torch.load(path)
        return checkpoint["state"], checkpoint["step"]

# How many have trained from the start so far; the first two are undisturbed.
def runs(step):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runs")
    if step == 2:
        with open(path, "ab") as file:
            file.write(b".")
    return os.path.getsize(path)

# A save more takes the file's name in the fourth run and in later ones.
class OftenTooFew(Same):
    def save(self, state, step):
        self.write(state, step)
        if runs(step) >= 4 and step == 6:
            self.write(state, step)

# A save more takes the file's name in the undisturbed runs.
class FewerLater(Same):
    def save(self, state, step):
        self.write(state, step)
        if runs(step) <= 2 and step == 6:
            self.write(state, step)

# The undisturbed runs alone rename a file.
class NeverAgain(Same):
    def save(self, state, step):
        if runs(step) <= 2:
            return self.write(state, step)
        torch.save({"step": step, "state": state}, os.path.join(self.directory, f"{step}.pt"))
    def restore(self):
        steps = [int(name[:-3]) for name in os.listdir(self.directory) if name[0].isdigit()]
        if not steps:
            return super().restore()
        checkpoint = torch.load(os.path.join(self.directory, f"{max(steps)}.pt"))
        return checkpoint["state"], checkpoint["step"]
)";

class MissedPoint : public testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << kManyPythons;
  }
  // Renames at these points, by occurrence or drawn. Three saves.
  Finished run(const std::string& class_name, const std::string& points) {
    const std::string file = folder_.path() + "/varying.py";
    std::ofstream(file) << kVarying;
    const std::string suite = write_suite(folder_.path(), R"(name = "varying"
seed = 1
[[trial]]
workloads = ["digits-mlp"]
strategies = ["python:)" + file + ":" + class_name + R"("]
policy = {every_steps = 2, keep_last = 2}
steps = 7
more_steps = 1
deadline_s = 20
file_ops = {operations = ["rename"], )" + points + "}\n");
    const Finished finished = run_bench({"run", suite, "--out", out_});
    auto stored = read_records(out_ + "/results.jsonl");
    if (stored) records_ = std::move(stored).value().records;
    return finished;
  }

  Finished replay(const Record& record) const {
    return run_bench(
        {"replay", record.cell.id, "--results", out_, "--out", folder_.path() + "/replay"});
  }

  // One that is killed, or was to be, at this occurrence.
  const Record& planned_at(const std::string& occurrence) const {
    const auto found = std::find_if(records_.begin(), records_.end(), [&](const Record& record) {
      const auto at = record.cell.fault.params.find("occurrence");
      return at != record.cell.fault.params.end() && at->second == occurrence;
    });
    if (found == records_.end()) throw std::runtime_error("no trial at occurrence " + occurrence);
    return *found;
  }

  TempDir folder_ = fresh_folder();
  std::string out_ = folder_.path() + "/out";
  std::vector<Record> records_;
};

// Of work in the background no two runs are alike: a point that one run does not have, the next
// may.
TEST_F(MissedPoint, ThatTheNextRunHasIsMet) {
  const Finished finished = run("OftenTooFew", "occurrences = [4]");
  EXPECT_EQ(finished.exit_code, 0) << finished.output;
  const Record& record = planned_at("4");
  EXPECT_EQ(short_text(*record.verdict), "BIT-EXACT");
  EXPECT_EQ(record.observed.value("runs", 0), 2) << record.observed;
  EXPECT_FALSE(record.observed.contains("replaced_point")) << record.observed;
}

// What a suite names by its occurrence is that point or none.
TEST_F(MissedPoint, ThatTheSuiteNamesAndNoRunHasIsVacuous) {
  const Finished finished = run("Same", "occurrences = [4]");
  EXPECT_EQ(finished.exit_code, 3) << finished.output;
  const Record& record = planned_at("4");
  EXPECT_EQ(short_text(*record.verdict), "VACUOUS");
  EXPECT_EQ(record.observed.value("runs", 0), 5) << record.observed;
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr("the fault never fired"), HasSubstr("so in each of 5 runs")));
}

// One point in each quarter of the four renames of an undisturbed run; the others have three.
TEST_F(MissedPoint, ThatWasDrawnIsReplacedByTheNearest) {
  const Finished finished = run("FewerLater", "count = 4");
  EXPECT_EQ(finished.exit_code, 0) << finished.output;
  ASSERT_EQ(records_.size(), 4u);
  EXPECT_FALSE(planned_at("3").observed.contains("replaced_point"));
  const Record& record = planned_at("4");
  EXPECT_EQ(short_text(*record.verdict), "ROLLED-BACK(2)") << record.verdict->explanation;
  EXPECT_EQ(record.observed.value("runs", 0), 2) << record.observed;
  EXPECT_THAT(record.point, HasSubstr("before rename checkpoint.pt.tmp #3"));
  const nlohmann::json replaced = record.observed.value("replaced_point", nlohmann::json::object());
  EXPECT_EQ(replaced.value("planned", ""), "kill before rename #4 of checkpoint.pt.tmp");
  EXPECT_EQ(replaced.value("met", ""), record.point);
  const Finished again = replay(record);
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_THAT(again.output, AllOf(HasSubstr("fault: before rename checkpoint.pt.tmp #3"),
                                  HasSubstr("as recorded: ROLLED-BACK(2)")));
}

TEST_F(MissedPoint, ThatHasNoOtherOfItsKindIsVacuous) {
  const Finished finished = run("NeverAgain", "count = 1");
  EXPECT_EQ(finished.exit_code, 3) << finished.output;
  ASSERT_EQ(records_.size(), 1u);
  EXPECT_EQ(records_[0].verdict->outcome, HarnessOutcome::kVacuous);
  EXPECT_EQ(records_[0].observed.value("runs", 0), 5) << records_[0].observed;
  EXPECT_FALSE(records_[0].observed.contains("replaced_point")) << records_[0].observed;
}

}  // namespace
}  // namespace ckptbench
