// Strategies that end a process of a measured cell with exit code 0, as one that is done does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/cli/system/bench_process.h"
#include "results/record_store.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;

constexpr const char* kLeavingClasses = R"(
import os, torch

class Right:
    def __init__(self, directory):
        self.path = os.path.join(directory, "state.pt")
    def save(self, state, step):
        torch.save((state, step), self.path + ".tmp")
        os.replace(self.path + ".tmp", self.path)
    def restore(self):
        return torch.load(self.path) if os.path.exists(self.path) else None

class LeavesInRestore(Right):
    def restore(self):
        os._exit(0)

class LeavesWhereSavesAreWatched(Right):
    def save(self, state, step):
        os._exit(0)

class LeavesWhereSavesAreMeasured(Right):
    def save(self, state, step):
        with open(__file__ + ".first", "a+") as first:
            first.seek(0)
            owner = first.read()
            if not owner:
                first.write(str(os.getpid()))
        if owner not in ("", str(os.getpid())):
            os._exit(0)
        super().save(state, step)
)";

TEST(MeasuredExit, WithCodeZeroBeforeTheReportIsTheStrategys) {
  if (kSanitized) GTEST_SKIP() << kManyPythons;
  const TempDir folder = fresh_folder();
  const std::string file = folder.path() + "/own.py";
  std::ofstream(file) << kLeavingClasses;
  const std::pair<const char*, const char*> classes[] = {
      {"LeavesInRestore", "restore-cold-1"},
      {"LeavesWhereSavesAreWatched", "watch"},
      {"LeavesWhereSavesAreMeasured", "measure"}};
  std::string strategies;
  for (const auto& [name, job] : classes) strategies += "\"python:" + file + ":" + name + "\", ";
  const std::string suite = write_suite(folder.path(), R"(name = "leaving"
[[measure]]
workloads = ["digits-mlp"]
strategies = [)" + strategies + R"(]
policy = {every_steps = 2}
steps = 4
pairs = 1
deadline_s = 60
)");
  const Finished run = run_bench({"run", suite, "--out", folder.path() + "/out"});
  EXPECT_EQ(run.exit_code, 1) << run.output;
  const auto stored = read_records(folder.path() + "/out/results.jsonl");
  ASSERT_TRUE(stored.ok()) << run.output;
  for (const auto& [name, job] : classes) {
    const std::vector<Record> records = of_class(stored.value().records, name);
    ASSERT_EQ(records.size(), 1U) << name << run.output;
    EXPECT_FALSE(records[0].allowed) << name;
    EXPECT_THAT(records[0].error,
                HasSubstr(std::string(job) + " ended with exit code 0 before its report was "
                                             "written, inside the strategy's code"))
        << name;
  }
}

}  // namespace
}  // namespace ckptbench
