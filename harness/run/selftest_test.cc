#include "harness/run/selftest.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

const std::vector<NamedInfo>& broken() {
  static const std::vector<NamedInfo> infos{{.name = "broken-no-rng", .survives = "process,power"}};
  return infos;
}

Record trial(const std::string& suite, uint64_t seed, DataVerdict data) {
  Record record;
  record.cell.kind = CellKind::kTrial;
  record.cell.suite = suite;
  record.cell.seed = seed;
  record.cell.strategy.name = "broken-no-rng";
  record.cell.fault.kind = "file_op";
  record.verdict.emplace();
  record.verdict->data = data;
  return record;
}

TEST(Selftest, CountsTheSeedsThatFindIt) {
  const auto rows = selftest_rows(
      {trial("quick", 1, DataVerdict::kBitExact), trial("quick", 1, DataVerdict::kLostAck),
       trial("quick", 1, DataVerdict::kSilentCorrupt), trial("quick", 2, DataVerdict::kRolledBack),
       trial("sweep", 1, DataVerdict::kBitExact)},
      broken());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].suite, "quick");
  EXPECT_EQ(rows[0].seeds, 2u);
  EXPECT_EQ(rows[0].found, 1u);
  EXPECT_EQ(rows[0].trials, 4u);
  EXPECT_EQ(rows[0].example, "SILENT-CORRUPT");
  EXPECT_EQ(rows[1].found, 0u);
  EXPECT_EQ(rows[1].example, "");
}

SelftestRow row(const std::string& strategy, const std::string& suite, uint64_t found) {
  return {strategy, suite, 3, found, 5, found > 0 ? "LOST-ACK" : ""};
}

TEST(Selftest, ShowsOneLinePerStrategy) {
  const std::vector<SelftestRow> rows{row("broken-a", "default", 3), row("broken-a", "quick", 1),
                                      row("broken-b", "quick", 0)};
  EXPECT_EQ(detection_table(rows),
            "| Broken strategy | default | quick | For example |\n|---|---|---|---|\n"
            "| broken-a | 3 of 3 | 1 of 3 | LOST-ACK |\n"
            "| broken-b | - | 0 of 3 | NOT FOUND |\n");
  EXPECT_EQ(undetected(rows), std::vector<std::string>{"broken-b"});
}

TEST(Selftest, WhatTheHarnessCannotVouchForFindsNothing) {
  Record record = trial("quick", 1, DataVerdict::kLostAck);
  record.verdict->outcome = HarnessOutcome::kHarnessError;
  const auto rows = selftest_rows({record}, broken());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].found, 0u);
}

TEST(Selftest, AFindingOfARunThatNothingDisturbedCounts) {
  Record record = trial("quick", 1, DataVerdict::kBitExact);
  record.verdict->data.reset();
  record.verdict->outcome = HarnessOutcome::kNotRun;
  record.verdict->findings = {Finding::kHang};
  EXPECT_EQ(selftest_rows({record}, broken()).at(0).found, 1u);
}

}  // namespace
}  // namespace ckptbench
