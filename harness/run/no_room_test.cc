#include "harness/run/no_room.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/core/journal.h"
#include "harness/judge/judge.h"
#include "harness/platform/files.h"

namespace ckptbench {
namespace {

constexpr uint64_t kState = 40'000'000;
constexpr uint64_t kFull = kState / 2;
constexpr uint64_t kRoom = 3 * kState;

class NoRoom : public testing::Test {
 protected:
  void journal(Event event) const {
    std::ofstream(folder_.path() + "/train.journal.jsonl")
        << format_entry({.event = event, .step = 2});
  }
  // "" where the verdict stays.
  std::string instead_of(const Verdict& verdict, uint64_t least_bytes) const {
    const Verdict now = unless_no_room(verdict, folder_.path(), least_bytes, kState);
    return now.outcome == verdict.outcome ? "" : now.explanation;
  }

  TempDir folder_ = std::move(TempDir::make("no-room")).value();
  const Verdict failed_{.data = DataVerdict::kDetectedUnrecoverable,
                        .findings = {Finding::kSaveFailed}};
};

TEST_F(NoRoom, AFailedSaveOnAFullDiskSaysNothingOfTheStrategy) {
  const Verdict verdict = unless_no_room(failed_, folder_.path(), kFull, kState);
  EXPECT_EQ(verdict.outcome, HarnessOutcome::kHarnessError);
  EXPECT_FALSE(verdict.data);
  EXPECT_TRUE(verdict.findings.empty());
  EXPECT_THAT(verdict.explanation,
              testing::MatchesRegex("no room in .* \\(20.0 MB free, a state has 40.0 MB\\): "
                                    "nothing is said of the strategy"));
}

TEST_F(NoRoom, WithRoomItIsTheStrategys) {
  EXPECT_EQ(instead_of(failed_, kRoom), "");
}

TEST_F(NoRoom, AJobThatFailsOnAFullDiskIsNoWordOfTheStrategy) {
  EXPECT_NE(instead_of({.findings = {Finding::kTrainerKilled}}, kFull), "");
  EXPECT_NE(instead_of(harness_outcome(HarnessOutcome::kNotRun, "exited with code 1"), kFull), "");
}

// A save that failed before the kill leaves less to come back.
TEST_F(NoRoom, AKilledRunCountsByItsJournal) {
  const Verdict lost{.data = DataVerdict::kDetectedUnrecoverable};
  journal(Event::kDurable);
  EXPECT_EQ(instead_of(lost, kFull), "");
  journal(Event::kFailed);
  EXPECT_NE(instead_of(lost, kFull), "");
  EXPECT_EQ(instead_of({.data = DataVerdict::kRolledBack}, kFull), "");
}

}  // namespace
}  // namespace ckptbench
