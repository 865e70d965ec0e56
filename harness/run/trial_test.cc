#include "harness/run/trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/platform/files.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

// Every job ends at once with code 1, and leaves no journal.
class FailingRunner : public JobRunner {
 public:
  ProcessEnd run(const JobFiles&, double) override {
    ProcessEnd end;
    end.exited = true;
    end.exit_code = 1;
    return end;
  }
};

TEST(Trial, NamesTheFolderOfTheRunThatItSharesAndThatFailed) {
  const TempDir folder = TempDir::make("trial").value();
  const std::string cells = folder.path() + "/cells";
  FailingRunner runner;
  Baselines baselines(folder.path() + "/work", cells);
  NamedInfo strategy;
  strategy.survives = "process";
  Cell cell;
  cell.id = "t";
  cell.kind = CellKind::kTrial;
  const Record record = run_trial(cell, folder.path() + "/work/t", cells + "/t",
                                  {runner, runner, baselines, strategy, {}});
  ASSERT_TRUE(record.verdict);
  EXPECT_EQ(record.verdict->outcome, HarnessOutcome::kOracleInvalid);
  const std::string named = record.observed.value("baseline_folder", "");
  EXPECT_THAT(named, HasSubstr(cells + "/reference-"));
  EXPECT_TRUE(fs::is_directory(named));
}

}  // namespace
}  // namespace ckptbench
