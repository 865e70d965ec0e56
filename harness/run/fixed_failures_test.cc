#include "harness/run/fixed_failures.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

Record trial(const std::string& strategy, DataVerdict data) {
  Record record;
  record.cell.kind = CellKind::kTrial;
  record.cell.strategy.name = strategy;
  record.cell.fault.kind = "file_op";
  record.verdict.emplace();
  record.verdict->data = data;
  return record;
}

TEST(FixedFailures, AreThoseTriedEnoughAndNotMet) {
  const std::vector<KnownFailure> known{
      {.strategy = "a", .fault = "kill", .verdict = "DETECTED-UNRECOVERABLE", .tried = 3}};
  const std::vector<Record> well(3, trial("a", DataVerdict::kBitExact));
  ASSERT_EQ(fixed_failures(well, known).size(), 1u);
  EXPECT_EQ(fixed_failures(well, known)[0].trials, 3u);
  EXPECT_TRUE(fixed_failures({well[0], well[1]}, known).empty()) << "too few";

  std::vector<Record> met = well;
  met.push_back(trial("a", DataVerdict::kDetectedUnrecoverable));
  EXPECT_TRUE(fixed_failures(met, known).empty());

  EXPECT_TRUE(
      fixed_failures(std::vector<Record>(3, trial("b", DataVerdict::kBitExact)), known).empty());
  std::vector<Record> undisturbed = well;
  undisturbed[0].cell.fault = {};
  EXPECT_TRUE(fixed_failures(undisturbed, known).empty());
  std::vector<Record> vacuous = well;
  vacuous[0].verdict->outcome = HarnessOutcome::kVacuous;
  EXPECT_TRUE(fixed_failures(vacuous, known).empty());
}

TEST(FixedFailures, AFindingIsOneToo) {
  const std::vector<KnownFailure> known{
      {.strategy = "a", .fault = "kill", .verdict = "LEAK", .tried = 1}};
  Record leaks = trial("a", DataVerdict::kBitExact);
  leaks.verdict->findings = {Finding::kLeak};
  EXPECT_TRUE(fixed_failures({leaks}, known).empty());
  leaks.verdict->findings.clear();
  EXPECT_EQ(fixed_failures({leaks}, known).size(), 1u);
}

}  // namespace
}  // namespace ckptbench
