// A run may lack the point at which it is to be killed: how many files a strategy writes, and under
// which names, may differ from run to run. Through the real worker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

# How many of the class have trained from the start so far; the first two are undisturbed.
def runs(strategy, step):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "runs-" + type(strategy).__name__)
    if step == 2:
        with open(path, "ab") as file:
            file.write(b".")
    return os.path.getsize(path)

# A save more takes the file's name in the fourth run and in later ones.
class OftenTooFew(Same):
    def save(self, state, step):
        self.write(state, step)
        if runs(self, step) >= 4 and step == 6:
            self.write(state, step)

# A save more takes the file's name in the undisturbed runs.
class FewerLater(Same):
    def save(self, state, step):
        self.write(state, step)
        if runs(self, step) <= 2 and step == 6:
            self.write(state, step)

# The undisturbed runs alone rename a file.
class NeverAgain(Same):
    def save(self, state, step):
        if runs(self, step) <= 2:
            return self.write(state, step)
        torch.save({"step": step, "state": state}, os.path.join(self.directory, f"{step}.pt"))
    def restore(self):
        steps = [int(name[:-3]) for name in os.listdir(self.directory) if name[0].isdigit()]
        if not steps:
            return super().restore()
        checkpoint = torch.load(os.path.join(self.directory, f"{max(steps)}.pt"))
        return checkpoint["state"], checkpoint["step"]
)";

// One run of all: starting Python takes longer than the trials.
class VaryingRun {
 public:
  VaryingRun() {
    std::ofstream(file_) << kVarying;
    const std::string suite = "name = \"varying\"\nseed = 1\n" +
                              table("OftenTooFew", "occurrences = [4]") +
                              table("Same", "occurrences = [4]") +
                              table("FewerLater", "count = 4") + table("NeverAgain", "count = 1");
    finished_ = run_bench({"run", write_suite(folder_.path(), suite), "--out", out_});
    auto stored = read_records(out_ + "/results.jsonl");
    if (stored) records_ = std::move(stored).value().records;
  }

  const Finished& finished() const { return finished_; }

  std::vector<Record> of(const std::string& class_name) const {
    return of_class(records_, class_name);
  }
  // One that is killed, or was to be, at this occurrence.
  Record planned_at(const std::string& class_name, const std::string& occurrence) const {
    for (Record& record : of(class_name)) {
      const auto at = record.cell.fault.params.find("occurrence");
      if (at != record.cell.fault.params.end() && at->second == occurrence) return record;
    }
    throw std::runtime_error("no trial at occurrence " + occurrence + ": " + finished_.output);
  }

  Finished replay(const Record& record) const {
    return run_bench(
        {"replay", record.cell.id, "--results", out_, "--out", folder_.path() + "/replay"});
  }

 private:
  // Renames at these points, by occurrence or drawn. Three saves.
  std::string table(const std::string& class_name, const std::string& points) const {
    return R"([[trial]]
workloads = ["digits-mlp"]
strategies = ["python:)" +
           file_ + ":" + class_name + R"("]
policy = {every_steps = 2, keep_last = 2}
steps = 7
more_steps = 1
deadline_s = 20
file_ops = {operations = ["rename"], )" +
           points + "}\n";
  }

  TempDir folder_ = fresh_folder();
  const std::string file_ = folder_.path() + "/varying.py";
  const std::string out_ = folder_.path() + "/out";
  Finished finished_;
  std::vector<Record> records_;
};

const VaryingRun& varying_run() {
  static const VaryingRun run;
  return run;
}

class MissedPoint : public testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << kManyPythons;
  }
};

// Of work in the background no two runs are alike: a point that one run does not have, the next
// may.
TEST_F(MissedPoint, ThatTheNextRunHasIsMet) {
  const Record record = varying_run().planned_at("OftenTooFew", "4");
  EXPECT_TRUE(record.allowed);
  EXPECT_EQ(short_text(*record.verdict), "BIT-EXACT");
  EXPECT_EQ(record.observed.value("runs", 0), 2) << record.observed;
  EXPECT_FALSE(record.observed.contains("replaced_point")) << record.observed;
}

// What a suite names by its occurrence is that point or none.
TEST_F(MissedPoint, ThatTheSuiteNamesAndNoRunHasIsVacuous) {
  const Finished& finished = varying_run().finished();
  EXPECT_EQ(finished.exit_code, 3) << finished.output;
  const Record record = varying_run().planned_at("Same", "4");
  EXPECT_EQ(short_text(*record.verdict), "VACUOUS");
  EXPECT_EQ(record.observed.value("runs", 0), 5) << record.observed;
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr("the fault never fired"), HasSubstr("so in each of 5 runs")));
}

// One point in each quarter of the four renames of an undisturbed run; the others have three.
TEST_F(MissedPoint, ThatWasDrawnIsReplacedByTheNearest) {
  const std::vector<Record> records = varying_run().of("FewerLater");
  ASSERT_EQ(records.size(), 4u);
  for (const Record& record : records) EXPECT_TRUE(record.allowed) << record.cell.id;
  EXPECT_FALSE(varying_run().planned_at("FewerLater", "3").observed.contains("replaced_point"));
  const Record record = varying_run().planned_at("FewerLater", "4");
  EXPECT_EQ(short_text(*record.verdict), "ROLLED-BACK(2)") << record.verdict->explanation;
  EXPECT_EQ(record.observed.value("runs", 0), 2) << record.observed;
  EXPECT_THAT(record.point, HasSubstr("before rename checkpoint.pt.tmp #3"));
  const nlohmann::json replaced = record.observed.value("replaced_point", nlohmann::json::object());
  EXPECT_EQ(replaced.value("planned", ""), "kill before rename #4 of checkpoint.pt.tmp");
  EXPECT_EQ(replaced.value("met", ""), record.point);
  const Finished again = varying_run().replay(record);
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_THAT(again.output, AllOf(HasSubstr("fault: before rename checkpoint.pt.tmp #3"),
                                  HasSubstr("as recorded: ROLLED-BACK(2)")));
}

TEST_F(MissedPoint, ThatHasNoOtherOfItsKindIsVacuous) {
  const std::vector<Record> records = varying_run().of("NeverAgain");
  ASSERT_EQ(records.size(), 1u);
  const Record& record = records.front();
  EXPECT_EQ(record.verdict->outcome, HarnessOutcome::kVacuous);
  EXPECT_EQ(record.observed.value("runs", 0), 5) << record.observed;
  EXPECT_FALSE(record.observed.contains("replaced_point")) << record.observed;
}

}  // namespace
}  // namespace ckptbench
